import { openOwn as openUnobserved } from "../../src/instrument/own-databases.ts";
import type { OpenOwnDatabase } from "../../src/instrument/round-trip.ts";

interface Level {
  open(): Promise<void>;
  put(key: string, value: string, options: object): Promise<void>;
  get(key: string): Promise<string | undefined>;
  del(key: string, options: object): Promise<void>;
  close(): Promise<void>;
}

/** The smallest memtable, and no cache: one record is all there is. */
const SMALL = { writeBufferSize: 65_536, cacheSize: 0, maxOpenFiles: 16 };
const SYNC = { sync: true };

/** Opens a database of ours with the class that the application has. Each write is synced. */
export const openOwn: OpenOwnDatabase = async (module, folder) => {
  const { ClassicLevel } = module as { ClassicLevel: new (folder: string, options: object) => Level };
  const db = openUnobserved(() => new ClassicLevel(folder, SMALL));
  await db.open();
  return {
    set: (key, value) => db.put(key, value, SYNC),
    get: (key) => absentIfNotFound(db.get(key)),
    delete: (key) => db.del(key, SYNC),
    close: () => db.close(),
  };
};

/** Version 2 rejects where version 3 returns nothing. */
async function absentIfNotFound(value: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await value;
  } catch (error) {
    if ((error as { code?: unknown }).code === "LEVEL_NOT_FOUND") return undefined;
    throw error;
  }
}
