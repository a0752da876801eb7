import type { Probe } from "./probe.ts";

/** Capabilities of an engine. A missing one is declared here and shown in the support matrix. */
export interface Capabilities {
  readonly transactions: boolean;
  readonly savepoints: boolean;
  readonly iterators: boolean;
}

/** Module that is hooked when the application loads it. */
export interface Target {
  /** Folder, configuration key and name in tests; the npm package, unless two engines share one. */
  readonly id: string;
  /** The npm package that is hooked, or the module built into Node.js: `node:sqlite`. */
  readonly module: string;
  /** The file of the package whose exports are patched; a built-in module has none. */
  readonly file?: string;
  /**
   * The versions the patch was tested with (those of Node.js for a built-in module): from the first, below the second.
   */
  readonly versions: readonly [from: string, below: string];
}

/** Native addon of an engine. */
export interface Addon {
  /** Pattern of its file name. */
  readonly file: RegExp;
  readonly patch: (exports: unknown) => void;
}

/** Storage engine: data, and one function that patches it. */
export interface Engine extends Target {
  /** `db.system.name` */
  readonly system: string;
  readonly supports: Capabilities;
  /**
   * Patches the exports of the file in place.
   * @returns the exports to use instead, if they cannot be patched in place
   */
  readonly patch: (exports: unknown, probe: Probe) => unknown;
  /** Native addon that is patched when it is loaded, independent of its path: the application may choose the file. */
  readonly addon?: Addon;
}

/** Declares an engine; a function, so that a type error is reported at the declaration. */
export function defineEngine(engine: Engine): Engine {
  return Object.freeze(engine);
}
