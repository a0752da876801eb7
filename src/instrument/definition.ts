import type { Probe } from "./probe.ts";

/** What an engine can do; a capability it lacks is said here and shown in the support matrix. */
export interface Capabilities {
  readonly transactions: boolean;
  readonly savepoints: boolean;
  readonly iterators: boolean;
}

/** A module that is hooked when the application loads it. */
export interface Target {
  /** Folder, configuration key and name in tests; the npm package unless two share one. */
  readonly id: string;
  /** The npm package that is hooked, or the module that is built into Node: `node:sqlite`. */
  readonly module: string;
  /** The file of the package whose exports are patched; a built-in module has none. */
  readonly file?: string;
  /** The versions the patch was tested with, of Node for a built-in module: from the first, below the second. */
  readonly versions: readonly [from: string, below: string];
}

/** Native code of an engine. */
export interface Addon {
  /** What the name of its file matches. */
  readonly file: RegExp;
  readonly patch: (exports: unknown) => void;
}

/** A storage engine as stratascope knows it: data, and one function that patches it. */
export interface Engine extends Target {
  /** `db.system.name` */
  readonly system: string;
  readonly supports: Capabilities;
  /**
   * Patches the exports of the file in place.
   * @returns what the file is to export instead, if its exports cannot be patched in place
   */
  readonly patch: (exports: unknown, probe: Probe) => unknown;
  /** Native code that is patched when it is loaded, wherever it lies: its file may be one of the application's choice. */
  readonly addon?: Addon;
}

/** Declares an engine; a function so that a mistake is found where it was made. */
export function defineEngine(engine: Engine): Engine {
  return Object.freeze(engine);
}
