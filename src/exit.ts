import { isMainThread } from "node:worker_threads";
import { finishIterations } from "./iteration.ts";
import { log } from "./log.ts";
import type { Sdk } from "./sdk/index.ts";

/** Milliseconds the last export may take once the application has ended. */
const DEADLINE = 1_000;

/** The signals that end a process by default. */
const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** Has what was collected sent when the application ends, without changing when or how it ends. */
export function flushAtExit(sdk: Sdk): void {
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= withDeadline(stopSdk(sdk));
    return stopped;
  };
  process.once("beforeExit", () => void stop().then(endIfIdle));
  // A worker gets no signals.
  if (isMainThread) for (const signal of SIGNALS) dieOf(signal, stop);
}

async function stopSdk(sdk: Sdk): Promise<void> {
  finishIterations();
  await sdk.shutdown();
}

async function withDeadline(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      log.warn(
        `telemetry could not be sent within ${DEADLINE} ms of the end of the process; what was left of it is lost`,
      );
      resolve();
    }, DEADLINE);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}

/**
 * An export that goes on trying would keep alive a process that has nothing to do any more, and the moment we
 * used would come a second time. An application that watches for it too may have begun something new, though;
 * then the process ends by itself as ever.
 */
function endIfIdle(): void {
  if (process.listenerCount("beforeExit") === 0 || process.getActiveResourcesInfo().length === 0) process.exit();
}

/**
 * A process that nobody else listens in dies of a signal, with the status it has without us, but sends its
 * telemetry first. A listener of the application's has the signal for itself: ours steps back while there is
 * one, so that code which counts listeners or signals itself again finds what it would find without us.
 */
function dieOf(signal: NodeJS.Signals, stop: () => Promise<void>): void {
  let isOurs = false;
  const die = (): void => {
    // A second signal does not wait.
    process.removeListener(signal, die);
    void stop().then(() => process.kill(process.pid, signal));
  };
  const listen = (): void => {
    isOurs = true;
    process.on(signal, die);
    isOurs = false;
  };
  // Before Node's own listener, which starts to watch for the signal where nobody does yet.
  (process as NodeJS.EventEmitter).prependListener("newListener", (event: string | symbol) => {
    if (event === signal && !isOurs) process.removeListener(signal, die);
  });
  process.on("removeListener", (event, listener) => {
    if (event === signal && listener !== die && process.listenerCount(signal) === 0) listen();
  });
  listen();
}
