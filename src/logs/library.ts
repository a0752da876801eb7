import type { Target } from "../instrument/definition.ts";
import type { LogBridge } from "./library-bridge.ts";

/** Logging library: data, and one function that patches it. */
export interface LogLibrary extends Target {
  /** Patches the exports of the file in place. */
  readonly patch: (exports: unknown, bridge: LogBridge) => void;
}
