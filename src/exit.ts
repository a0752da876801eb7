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
  let stopped: Promise<boolean> | undefined;
  const stop = (): Promise<boolean> => {
    stopped ??= withDeadline(stopSdk(sdk));
    return stopped;
  };
  waitForEnd(() => void end(stop));
  // A worker gets no signals.
  if (isMainThread) for (const signal of SIGNALS) dieOf(signal, stop);
}

async function stopSdk(sdk: Sdk): Promise<void> {
  finishIterations();
  await sdk.shutdown();
}

/** @returns whether the work was done in time */
async function withDeadline(work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), DEADLINE);
  });
  const isDone = await Promise.race([work.then(() => true), late]);
  clearTimeout(timer);
  if (!isDone) {
    log.warn(
      `telemetry could not be sent within ${DEADLINE} ms of the end of the process; what was left of it is lost`,
    );
  }
  return isDone;
}

/** Calls back once the application has nothing to do any more, and begins nothing new when it is told so. */
function waitForEnd(ended: () => void): void {
  // Before the application's own listeners.
  process.prependOnceListener("beforeExit", () => {
    const before = process.getActiveResourcesInfo().length;
    // After them, asynchronous ones up to what they wait for.
    queueMicrotask(() => {
      process.nextTick(() => {
        if (process.getActiveResourcesInfo().length > before) waitForEnd(ended);
        else ended();
      });
    });
  });
}

/** The exit code of Node for a module that waits for what never comes; `process.exit()` would hide it. */
const UNSETTLED = 13;

/** Whether the main module waits in vain: Node listens for that under this name. */
const isModuleWaiting = (): boolean => process.listeners("exit").some(({ name }) => name === "handleProcessExit");

/**
 * The time we take makes Node announce the end a second time. The application is not told again, and an export that
 * goes on trying does not keep it alive.
 */
async function end(stop: () => Promise<boolean>): Promise<void> {
  const isSent = await stop();
  process.removeAllListeners("beforeExit");
  if (!isSent) process.exit(process.exitCode ?? (isModuleWaiting() ? UNSETTLED : undefined));
}

/**
 * A process that nobody else listens in dies of a signal, with the status it has without us, but sends its
 * telemetry first. A listener of the application's has the signal for itself: ours steps back while there is
 * one, so that code which counts listeners or signals itself again finds what it would find without us.
 */
function dieOf(signal: NodeJS.Signals, stop: () => Promise<boolean>): void {
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
