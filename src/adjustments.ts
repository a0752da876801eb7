import type { LogLevel } from "./log.ts";
import type { TemporaryState } from "./temporary.ts";
import { LOG_LEVELS, logLevel, sampleFor, sampling } from "./main.ts";

/** A setting that can be changed from outside while the process runs. */
export interface Adjustment {
  /** What it may be, for people. */
  readonly accepts: string;
  /** Undefined where there is nothing to change. */
  state(): TemporaryState<unknown> | undefined;
  /** @returns whether the value was understood */
  change(value: unknown, seconds: number): boolean;
  restore(): void;
}

const isRatio = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 1;

/** By the last part of their path. */
export const ADJUSTMENTS: Readonly<Record<string, Adjustment>> = {
  sampling: {
    accepts: "a number from 0 to 1",
    state() {
      const now = sampling?.state;
      return now && { value: now.value.ratio, base: now.base.ratio, until: now.until };
    },
    change(value, seconds) {
      if (isRatio(value)) sampleFor(value, seconds);
      return isRatio(value);
    },
    restore: () => sampling?.restore(),
  },
  "log-level": {
    accepts: `one of ${LOG_LEVELS.join(", ")}`,
    state: () => logLevel()?.state,
    change(value, seconds) {
      const level = LOG_LEVELS.find((each) => each === value);
      if (level !== undefined) logLevel()?.change(level satisfies LogLevel, seconds);
      return level !== undefined;
    },
    restore: () => logLevel()?.restore(),
  },
};
