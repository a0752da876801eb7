import { listenLast } from "../runtime/exit-listener.ts";
import { finishIterations } from "../instrument/unfinished.ts";
import { watchPorts } from "../server/asked-ports.ts";
import { log, setWarningSink } from "../runtime/self-log.ts";
import { setLogLevel } from "../logs/loggers.ts";
import { metricRegistry } from "../metrics/registry.ts";
import { isOfListener } from "../server/port.ts";
import { restoreSampling, sampleFor } from "../spans/sampler.ts";
import { threadId, workerThreads } from "../runtime/thread.ts";
import { attempt } from "./attempt.ts";
import { publishConfig, MAIN, openInbox, say, type SettingOverride, type WorkerConfig } from "./messages.ts";
import { takeEndedWorkers, watchChildren } from "./worker-registry.ts";
import { shareClaims } from "../instrument/thread-claims.ts";
import { pages } from "../metrics/thread-memory.ts";
import { watchWorkers } from "./worker-preload.ts";
import { Ring } from "./ring-buffer.ts";
import type { WorkerMessage } from "./serialize.ts";

/** Default name that Node.js gives a worker. */
const NO_NAME = "WorkerThread";

/** Membership of a worker in the process. */
export interface WorkerConnection {
  /** Ring buffer to which it writes ended telemetry. */
  readonly ring: Ring;
  readonly name: string;
}

/**
 * Connects this worker to the main thread, which reports its telemetry. Nothing is exported from here: the telemetry is
 * recorded in shared memory, from which the main thread reads it even if this thread is terminated or does not return
 * to its event loop.
 */
export function connectToMain({ config, parent, files }: WorkerConfig): WorkerConnection {
  shareClaims(files);
  const ring = new Ring();
  const answer = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const thread = threadId();
  openInbox(thread, (message) => {
    if ("ratio" in message || "level" in message) attempt(() => applyOverride(message));
    if (!("poll" in message)) return;
    attempt(bringUpToDate);
    Atomics.store(answer, 0, message.poll);
  });
  const { threadName: name = NO_NAME } = workerThreads() as { readonly threadName?: string };
  say(MAIN, { thread, parent, name, ring: ring.buffer, answer: answer.buffer });
  pages!.publish((page) => say(MAIN, { thread, page }));
  publishConfig({ parent: thread, config, files });
  watchPorts((port) => {
    if (isOfListener(port, config)) wantPort(port);
  });
  watchChildren();
  watchWorkers();
  setWarningSink((warning) => {
    if (!ring.write({ warning } satisfies WorkerMessage)) log.warn(warning);
  });
  listenLast("exit", () => {
    finishIterations();
    pages!.write({ ended: thread });
  });
  return { ring, name };
}

/**
 * Milliseconds the application waits in a worker for one of our ports; if the main thread is busy for longer, it keeps
 * the port.
 */
const PORT_WAIT_MS = 1_000;

function wantPort(port: number): void {
  const isLeft = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  say(MAIN, { port, isLeft: isLeft.buffer });
  Atomics.wait(isLeft, 0, 0, PORT_WAIT_MS);
}

/** Maximum seconds of an override; the main thread sends a message when it ends earlier. */
const MAX_SECONDS = 86_400;

function applyOverride(override: SettingOverride): void {
  if ("level" in override) setLogLevel(override.level, override.subsystem);
  else if (override.isChanged) sampleFor(override.ratio, MAX_SECONDS);
  else restoreSampling();
}

/** Updates the values that only this thread can read, and that are needed only at a collection. */
function bringUpToDate(): void {
  metricRegistry.poll();
  for (const ended of takeEndedWorkers()) pages!.write({ ended });
}
