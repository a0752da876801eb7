import { openOwn as openUnobserved } from "../../src/instrument/own-databases.ts";
import type { OpenOwnDatabase } from "../../src/instrument/round-trip.ts";

interface Database {
  ready(): Promise<void>;
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<Buffer | null>;
  delete(key: string): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** A small memtable, and few threads and files: one record is all there is. */
const SMALL = { writeBufferSize: 65_536, maxBackgroundJobs: 2, maxOpenFiles: 16 };

/** Opens a database of ours with the class that the application has. The package syncs no write: each is flushed to a file. */
export const openOwn: OpenOwnDatabase = async (module, folder) => {
  const RocksDB = module as new (folder: string, options: object) => Database;
  const db = openUnobserved(() => new RocksDB(folder, SMALL));
  await db.ready();
  return {
    async set(key, value) {
      await db.put(key, value);
      await db.flush();
    },
    async get(key) {
      const value = await db.get(key);
      return value === null ? undefined : String(value);
    },
    async delete(key) {
      await db.delete(key);
      await db.flush();
    },
    close: () => db.close(),
  };
};
