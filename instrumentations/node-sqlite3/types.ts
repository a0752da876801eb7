/** File of the package that loads its native code. */
export const BINDING = "lib/sqlite3-binding.js";

/** The parts of the package that are used here; its own types require its native code. */
export type Callback = (this: unknown, ...args: never[]) => unknown;

interface Emitter {
  emit(event: "error", error: unknown): boolean;
}

export interface Db extends Emitter {
  readonly open: boolean;
  /** As it was given to the constructor. */
  readonly filename: string;
  /** Flags of `sqlite3_open_v2`. */
  readonly mode: number;
}

export interface Statement extends Emitter {
  readonly sql: string;
  /** Set by each `run` that has a callback. */
  lastID?: unknown;
  changes?: unknown;
}

export interface NativeBackup extends Emitter {
  readonly completed: boolean;
  readonly failed: boolean;
  readonly pageCount: number;
  readonly remaining: number;
}

type Class<Instance extends object> = (new (...args: never[]) => Instance) & { readonly prototype: Instance };

export interface Sqlite3 {
  readonly Database: Class<Db>;
  Statement: Class<Statement>;
  readonly Backup: Class<NativeBackup>;
}
