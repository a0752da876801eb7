import { loadChunk } from "../runtime/chunks.ts";
import type { Probe } from "./probe.ts";

/** File of a package, or module built into Node.js, that is hooked when the application loads it. */
export interface ModuleTarget {
  /** The npm package, or the module built into Node.js: `node:sqlite`. */
  readonly name: string;
  /** The file of the package whose exports are patched; a built-in module has none. */
  readonly file?: string;
  /**
   * Names of functions that the file declares and exports. In an ES module, those among the exports that `patch` returns
   * take their places: its exports cannot be replaced in place.
   */
  readonly functions?: readonly string[];
  /**
   * The versions the patch was tested with (those of Node.js for a built-in module): from the first, below the second.
   */
  readonly versions: readonly [from: string, below: string];
}

/** Package that is hooked, as data. */
export interface Target {
  /** Folder, configuration key and name in tests; the npm package, unless two instrumentations share one. */
  readonly id: string;
  /** Its hooked files: a package can have copies for CommonJS and ES modules, and others in other versions. */
  readonly modules: readonly ModuleTarget[];
}

/** Layers of telemetry, in the order of the documentation. */
export const LAYERS = ["operation", "transaction", "wal", "snapshot", "compaction", "search", "cache"] as const;
export type LayerId = (typeof LAYERS)[number];

/** Native addon of an engine. */
export interface Addon {
  /** Pattern of its file name. */
  readonly file: RegExp;
  readonly patch: (exports: unknown) => void;
}

/** Instrumentation of a storage engine or a client: data, and one function that patches it. */
export interface Instrumentation extends Target {
  /** Layers that it reports. A missing layer is not visible; the conformance suite checks those that are named. */
  readonly layers: readonly LayerId[];
  /**
   * Patches the exports of a file in place.
   * @returns the exports to use instead, if they cannot be patched in place
   */
  readonly patch: (exports: unknown, probe: Probe, module: ModuleTarget) => unknown;
  /** Native addon that is patched when it is loaded, independent of its path: the application may choose the file. */
  readonly addon?: Addon;
}

/** Declares an instrumentation; a function, so that a type error is reported at the declaration. */
export function defineInstrumentation(instrumentation: Instrumentation): Instrumentation {
  return Object.freeze(instrumentation);
}

/**
 * Returns a `patch` that is loaded with the first package it patches: an engine costs nothing where it is not used.
 * @param path the file that exports `patch`, below the package root, without an extension
 */
export const patchIn =
  (path: string): Instrumentation["patch"] =>
  (exports, probe, module) =>
    loadChunk<Pick<Instrumentation, "patch">>(path).patch(exports, probe, module);
