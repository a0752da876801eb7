import { openOwn as openUnobserved } from "../../src/instrument/own-databases.ts";
import type { OpenOwnDatabase } from "../../src/instrument/round-trip.ts";

interface Store {
  put(key: string, value: string): Promise<unknown>;
  get(key: string): unknown;
  remove(key: string): Promise<unknown>;
  close(): Promise<void>;
}

/** A map of a mebibyte, without named databases. */
const SMALL = { mapSize: 1_048_576, maxDbs: 1, maxReaders: 8, encoding: "string" };

/** Opens an environment of ours with the package that the application has. A write ends when it is synced. */
export const openOwn: OpenOwnDatabase = (module, folder) => {
  const { open } = module as { open: (options: object) => Store };
  const store = openUnobserved(() => open({ ...SMALL, path: folder }));
  return {
    set: (key, value) => store.put(key, value),
    get: (key) => store.get(key),
    delete: (key) => store.remove(key),
    close: () => store.close(),
  };
};
