import type { Config } from "../config/index.ts";
import { log, setLogLevel, type LogLevel } from "../runtime/self-log.ts";
import { sampleFor, sampling } from "../spans/sampler.ts";
import { guard, Temporary } from "../runtime/timed-override.ts";
import { isMainThread } from "../runtime/thread.ts";

let level: Temporary<LogLevel> | undefined;

/** Returns the overridable log level of our own messages on stderr, once we have started. */
export const logLevel = (): Temporary<LogLevel> | undefined => level;

/** Makes the log level overridable, and listens to the signal that raises sampling. */
export function prepareForIncidents({ logLevel, incidentSignal, incidentRatio, incidentSeconds }: Config): void {
  level = new Temporary(logLevel, setLogLevel);
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
