import { readConfig, type Config } from "./config.ts";
import type { Engine } from "./engine.ts";
import { flushAtExit } from "./exit/index.ts";
import { EngineInstrumentation } from "./instrumentation.ts";
import { setFindingPolicy } from "./findings/policy.ts";
import { watchHeld } from "./findings/held.ts";
import { pollDiskIo } from "./metrics/process-io.ts";
import { hookModules } from "./loader.ts";
import { log, setLogLevel } from "./log.ts";
import { SCOPE } from "./scope.ts";
import { startSdk } from "./sdk/index.ts";
import { setSpanPolicy } from "./spans/policy.ts";
import { startWatching } from "./watching.ts";

/** Which copy of this package runs in this thread: a second one would count everything twice. */
const RUNNING = Symbol.for("stratascope.running");

/** What `start` gives back. */
export interface Stratascope {
  /** Sends what is not sent yet and stops sending; takes at most as long as the exporters allow. */
  shutdown(): Promise<void>;
}

const NOTHING: Stratascope = { shutdown: async () => {} };

/**
 * Starts everything: the SDK, the hooks for the engines, the flush at exit. Does nothing the second time.
 * @param options settings that go before those of the environment
 */
export function startWith(engines: readonly Engine[], options: Partial<Config>): Stratascope {
  const running = (globalThis as { [RUNNING]?: string })[RUNNING];
  if (running !== undefined) {
    if (running !== SCOPE.version)
      log.warn(`version ${SCOPE.version} was loaded beside ${running}, which goes on alone`);
    return NOTHING;
  }
  (globalThis as { [RUNNING]?: string })[RUNNING] = SCOPE.version;

  const { config, problems } = readConfig(undefined, options);
  setLogLevel(config.logLevel);
  for (const problem of problems) log.warn(problem);
  if (config.disabled) return NOTHING;

  setSpanPolicy(config.spans, config.slowSpanMilliseconds, config.exemplarFilter !== "always_off");
  setFindingPolicy(config);
  watchHeld();
  pollDiskIo();
  const sdk = startSdk(config);
  const disabled = config.disabledEngines.split(",").map((id) => id.trim());
  hookModules(engines.filter(({ id }) => !disabled.includes(id)).map((engine) => new EngineInstrumentation(engine)));
  flushAtExit(sdk);
  const stopWatching = startWatching(config);
  return {
    async shutdown() {
      stopWatching();
      await sdk.shutdown();
    },
  };
}
