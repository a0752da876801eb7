import { openOwn as openUnobserved } from "../../src/instrument/own-databases.ts";
import type { OpenOwnDatabase } from "../../src/instrument/round-trip.ts";

interface RocksDB {
  readonly _state: object;
  ready(): Promise<void>;
  put(key: string, value: string): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
  delete(key: string): Promise<void>;
  flush(): Promise<void>;
  close(): Promise<void>;
}
type RocksDBClass = new (folder: string) => RocksDB;

/** Opens a database of ours with the class that the application has. The record is read from the file it was flushed to. */
export const openOwn: OpenOwnDatabase = async (module, folder) => {
  const db = new (module as RocksDBClass)(folder);
  openUnobserved(() => db._state);
  await db.ready();
  return {
    async set(key, value) {
      await db.put(key, value);
      await db.flush();
    },
    async get(key) {
      const value = await db.get(key);
      return value === null ? undefined : new TextDecoder().decode(value);
    },
    delete: (key) => db.delete(key),
    close: () => db.close(),
  };
};
