import type { LogThreshold } from "../../config/log-level.ts";
import type { TimedOverrideState } from "../../runtime/timed-override.ts";
import { SELF_LOG_LEVELS } from "../../runtime/self-log.ts";
import { LOG_THRESHOLDS } from "../../config/log-level.ts";
import { selfLogLevel } from "../../server/incident.ts";
import { logLevels, logRuleOf, setLogLevel } from "../../logs/loggers.ts";
import { sampleFor, sampling } from "../../spans/sampler.ts";
import { notifyWorkers } from "../../threads/main-thread.ts";
import { TimedOverride } from "../../runtime/timed-override.ts";

/** Setting that can be changed remotely while the process runs. */
export interface OverridableSetting {
  /** Description of the accepted values, for people. */
  readonly accepts: string;
  /** Returns the state; undefined if there is nothing to change. */
  state(): TimedOverrideState<unknown> | undefined;
  /**
   * Overrides the value for a number of seconds.
   * @returns false if the value is invalid
   */
  change(value: unknown, seconds: number): boolean;
  restore(): void;
}

const isRatio = (value: unknown): value is number => typeof value === "number" && value >= 0 && value <= 1;

const samplingRatio: OverridableSetting = {
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
};

/** Level of our own log. */
const ownLevel: OverridableSetting = {
  accepts: `one of ${SELF_LOG_LEVELS.join(", ")}`,
  state: () => selfLogLevel()?.state,
  change(value, seconds) {
    const level = SELF_LOG_LEVELS.find((each) => each === value);
    if (level !== undefined) selfLogLevel()?.change(level, seconds);
    return level !== undefined;
  },
  restore: () => selfLogLevel()?.restore(),
};

/** Maximum number of subsystems whose level can be changed. */
const MAX_CHANGED = 1_000;

/** Overrides by name of the subsystem. */
const changedLevels = new Map<string, TimedOverride<LogThreshold | undefined>>();

/**
 * Returns the level of the loggers of a subsystem of the application; without a name, of those that have no level of
 * their own.
 */
function levelOf(subsystem: string): OverridableSetting {
  return {
    accepts: `one of ${LOG_THRESHOLDS.join(", ")}`,
    state() {
      const { own, inForce } = logRuleOf(subsystem);
      const changed = changedLevels.get(subsystem)?.state;
      const base = (changed?.until === undefined ? own : changed.base) ?? null;
      const state = { value: inForce, base, until: changed?.until };
      return subsystem === "" ? { ...state, levels: logLevels() } : state;
    },
    change(value, seconds) {
      const level = LOG_THRESHOLDS.find((each) => each === value);
      if (level === undefined) return false;
      let changed = changedLevels.get(subsystem);
      if (changed === undefined && changedLevels.size >= MAX_CHANGED) return false;
      if (changed?.state.until === undefined) {
        changed = new TimedOverride(logRuleOf(subsystem).own, (rule, isChanged) => {
          setLogLevel(rule, subsystem);
          notifyWorkers({ subsystem, level: rule, isChanged });
        });
        changedLevels.set(subsystem, changed);
      }
      changed.change(level, seconds);
      return true;
    },
    restore() {
      const changed = changedLevels.get(subsystem);
      if (changed?.state.until !== undefined) changed.restore();
    },
  };
}

/** Name of the subsystem for our own log. */
const OWN = "stratascope";

/** Settings by the last segment of their path. Some have parts, named by the segment that follows. */
export const OVERRIDABLE_SETTINGS: Readonly<Record<string, (part: string) => OverridableSetting | undefined>> = {
  sampling: (part) => (part === "" ? samplingRatio : undefined),
  "log-level": (part) => (part === OWN ? ownLevel : levelOf(part)),
};
