import { answerWithIds } from "../../instrumentations/http/correlation-response.ts";
import { readConfig, type Config } from "../config/index.ts";
import type { Instrumentation } from "../instrument/definition.ts";
import { flushAtExit } from "./shutdown/index.ts";
import { timingPolicy } from "../recording/overhead-governor.ts";
import {
  EngineInstrumentation,
  FrameworkInstrumentation,
  LogInstrumentation,
  type ModuleInstrumentation,
} from "./otel-instrumentation.ts";
import { setFindingPolicy } from "../insights/thresholds.ts";
import { watchOpen } from "../insights/long-open.ts";
import { pollDiskIo } from "../../instrumentations/process/io.ts";
import { pollUptime } from "../../instrumentations/process/uptime.ts";
import { hookModules } from "./module-hooks.ts";
import { watchPorts, yieldPort } from "../server/asked-ports.ts";
import { removeSocket } from "../server/index.ts";
import { log, setSelfLogLevel } from "../runtime/self-log.ts";
import { startLogging } from "../logs/index.ts";
import type { Framework } from "../../instrumentations/http/framework.ts";
import type { LogLibrary } from "../logs/library.ts";
import { SCOPE } from "../runtime/package-info.ts";
import { startSdk } from "../sdk/index.ts";
import type { Api } from "../sdk/providers.ts";
import { serviceName } from "../config/service-name.ts";
import { setSpanPolicy } from "../spans/policy.ts";
import { isMainThread } from "../runtime/thread.ts";
import { inherited, type WorkerConfig } from "../threads/messages.ts";
import { expectWorkers } from "../threads/main-thread.ts";
import { startInWorker } from "../sdk/worker.ts";
import { connectToMain } from "../threads/worker-thread.ts";
import { claimPort, removeMarks, sharePorts } from "../server/shared-ports.ts";
import { isOfListener } from "../server/port.ts";
import { silence } from "./uncovered.ts";
import { startOperations } from "./operations.ts";

/** Global symbol of the copy of this package that runs in this thread: a second one would count everything twice. */
const RUNNING = Symbol.for("stratascope.running");

/** Result of `start`. */
export interface Stratascope {
  /** Exports pending telemetry and stops. Its duration is limited by the timeouts of the exporters. */
  shutdown(): Promise<void>;
}

const NOTHING: Stratascope = { shutdown: async () => {} };

/** Supported modules that can be hooked. */
export interface Hookable {
  readonly engines: readonly Instrumentation[];
  readonly frameworks: readonly Framework[];
  readonly logLibraries: readonly LogLibrary[];
}

/**
 * Starts everything: the SDK, the hooks for the engines, the flush at exit. A second call does nothing.
 * @param options settings that take precedence over the environment
 * @param api the API in which the SDK is registered
 */
// oxlint-disable-next-line max-params
export function startWith(hookable: Hookable, options: Partial<Config>, api: Api): Stratascope {
  const running = (globalThis as { [RUNNING]?: string })[RUNNING];
  if (running !== undefined) {
    if (running !== SCOPE.version) log.warn(`version ${SCOPE.version} was loaded after ${running} and stays inactive`);
    return NOTHING;
  }
  (globalThis as { [RUNNING]?: string })[RUNNING] = SCOPE.version;

  const { config: own, problems } = readConfig(undefined, options);
  const inheritance = inherited();
  // A worker has the settings of the main thread, whatever its environment; the environment can only disable it.
  const config = inheritance === undefined ? own : { ...inheritance.config, ...options, disabled: own.disabled };
  setSelfLogLevel(config.logLevel);
  if (inheritance === undefined) for (const problem of problems) log.warn(problem);
  startLogging(config);
  if (config.disabled) return NOTHING;
  if (config.correlationResponse) answerWithIds(config);

  setSpanPolicy(config);
  setFindingPolicy(config);
  // A span for each operation requires the duration of each.
  timingPolicy.ratio = config.spans === "all" ? 0 : config.timingPercent / 100;
  watchOpen();
  pollDiskIo();
  pollUptime();
  const started = inheritance === undefined ? startAlone(config, api) : startWithin({ ...inheritance, config }, api);
  silence(config.disabledEngines);
  hookModules(instrumentationsOf(hookable, config));
  return started;
}

/** Starts a thread that exports its own telemetry, and that of its workers. */
function startAlone(config: Config, api: Api): Stratascope {
  if (isMainThread) expectWorkers({ ...config, serviceName: serviceName(config) });
  sharePorts(config);
  watchPorts((port) => {
    yieldPort(port);
    if (isOfListener(port, config)) claimPort(port);
  });
  const sdk = startSdk(config, api);
  flushAtExit({
    ...sdk,
    spool() {
      removeSocket();
      removeMarks();
      sdk.spool();
    },
  });
  const stopWatching = startOperations(config);
  return {
    async shutdown() {
      stopWatching();
      await sdk.shutdown();
    },
  };
}

/** Starts a worker whose telemetry the main thread exports. */
function startWithin(inheritance: WorkerConfig, api: Api): Stratascope {
  startInWorker(inheritance.config, connectToMain(inheritance), api);
  return NOTHING;
}

function instrumentationsOf({ engines, frameworks, logLibraries }: Hookable, config: Config): ModuleInstrumentation[] {
  const observed = engines.filter(({ id }) => !config.disabledEngines.includes(id));
  const routed = config.http === "on" ? frameworks : [];
  const bridged = config.logLibraries === "off" ? [] : logLibraries;
  return [
    ...observed.map((engine) => new EngineInstrumentation(engine)),
    ...routed.map((framework) => new FrameworkInstrumentation(framework)),
    ...bridged.map((library) => new LogInstrumentation(library, config.logLibraries === "otlp")),
  ];
}
