import type { Config } from "../config/index.ts";
import { log, setSelfLogLevel, type SelfLogLevel } from "../runtime/self-log.ts";
import { sampleFor, sampling } from "../spans/sampler.ts";
import { guard, TimedOverride } from "../runtime/timed-override.ts";
import { isMainThread } from "../runtime/thread.ts";

let level: TimedOverride<SelfLogLevel> | undefined;

/** Returns the overridable log level of our own messages on stderr, once we have started. */
export const selfLogLevel = (): TimedOverride<SelfLogLevel> | undefined => level;

/** Makes the log level overridable, and listens to the signal that raises sampling. */
export function prepareForIncidents({ logLevel, incidentSignal, incidentRatio, incidentSeconds }: Config): void {
  level = new TimedOverride(logLevel, setSelfLogLevel);
  if (incidentSignal === "none" || !isMainThread) return;
  process.on(
    "SIGUSR2",
    guard.callback(() => {
      if (sampling?.state.until === undefined) sampleFor(incidentRatio, incidentSeconds);
      else sampling.restore();
      log.info(`sampling was changed: ${sampling?.state.value.ratio ?? "there is no sampler of ours"}`);
    }),
  );
}
