import { monitorEventLoopDelay, type IntervalHistogram } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import { HEALTH_CHECK_NAME_VALUE_EVENT_LOOP, HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY } from "../../../semconv/index.ts";
import type { Config } from "../../config/index.ts";
import { HEALTHY, worst } from "../../health/check.ts";
import type { HealthCheck, Verdict } from "../../health/check.ts";

/** Milliseconds between two samples of the event loop delay, which Node.js takes without running JavaScript. */
const RESOLUTION = 50;

/** Check of the longest time the event loop was blocked since the last check. */
class EventLoop {
  readonly #limit: number;
  readonly #delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });

  /** @param limit milliseconds for which the event loop may be blocked */
  constructor(limit: number) {
    this.#limit = limit;
    this.#delays.enable();
  }

  look(): Verdict {
    const lag = this.#delays.count === 0 ? 0 : Math.max(0, Math.round(this.#delays.max / 1e6) - RESOLUTION);
    this.#delays.reset();
    const message = `stood still for ${lag} ms at worst since the check before`;
    if (lag >= this.#limit) return { state: "unhealthy", message };
    return lag >= this.#limit / 10 ? { state: "degraded", message } : HEALTHY;
  }
}

/** Ratios of memory usage to its limit from which the state is degraded, and unhealthy. */
const HIGH_RATIO = 0.85;
const TOO_MUCH = 0.95;

/**
 * Compares memory usage with its limit.
 * @param part bytes in use of `whole`, which is 0 if there is no limit
 */
function share(what: string, part: number, whole: number): Verdict {
  if (whole === 0) return HEALTHY;
  const message = `${Math.round((100 * part) / whole)} % of the ${what} is in use`;
  if (part >= TOO_MUCH * whole) return { state: "unhealthy", message };
  return part >= HIGH_RATIO * whole ? { state: "degraded", message } : HEALTHY;
}

function lookAtMemory(): Verdict {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
  const { rss } = process.memoryUsage();
  // If the process is not constrained, Node.js returns 0 or a value larger than any memory.
  const allowed = process.constrainedMemory();
  return worst([share("heap", used, limit), share("memory", rss, allowed > Number.MAX_SAFE_INTEGER ? 0 : allowed)]);
}

/** Returns the checks of the process itself. */
export function processChecks({
  healthTimeout: timeout,
  healthLagMilliseconds,
  healthRequired,
}: Config): HealthCheck[] {
  const loop = new EventLoop(healthLagMilliseconds);
  return [
    {
      name: HEALTH_CHECK_NAME_VALUE_EVENT_LOOP,
      type: "liveness",
      required: true,
      interval: 5_000,
      timeout,
      run: () => loop.look(),
    },
    {
      name: HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY,
      type: "readiness",
      required: healthRequired?.includes(HEALTH_CHECK_NAME_VALUE_PROCESS_MEMORY) ?? false,
      interval: 1_000,
      timeout,
      run: lookAtMemory,
    },
  ];
}
