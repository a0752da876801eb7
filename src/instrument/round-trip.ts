/** Database of ours, with as much of its engine as a health check needs. Its methods may return promises. */
export interface OwnDatabase {
  set(key: string, value: string): unknown;
  /** Returns a value; undefined if there is none. */
  get(key: string): unknown;
  delete(key: string): unknown;
  close(): unknown;
}

/**
 * Opens a database of ours in a folder that is empty, by `openOwn`.
 * @param module what the application has loaded
 * @returns undefined if that does not open databases
 */
export type OpenOwnDatabase = (
  module: unknown,
  folder: string,
) => OwnDatabase | undefined | Promise<OwnDatabase | undefined>;
