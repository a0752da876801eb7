import { finishIterations } from "../iteration.ts";
import { log } from "../log.ts";
import { unsent } from "../otlp/reachability.ts";
import type { Sdk } from "../sdk/index.ts";
import { isMainThread } from "../thread.ts";
import { guard } from "./guard.ts";
import { listenLast } from "./listen-last.ts";

/** Milliseconds the last export may take once the application has ended. */
const DEADLINE = 1_000;

/** The signals that end a process by default. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Has what was collected sent or kept when the application ends, without changing when or how it ends. */
export function flushAtExit(sdk: Sdk): void {
  let flushed: Promise<boolean> | undefined;
  const ending: Ending = {
    flush() {
      flushed ??= flushInTime(sdk);
      return flushed;
    },
    keep() {
      try {
        finishIterations();
        sdk.keep();
      } catch (error) {
        log.warn(`telemetry that was not sent yet is lost: ${String(error)}`);
      }
    },
  };
  // `process.exit()` and exceptions leave no time for anything that has to be waited for.
  listenLast("exit", ending.keep);
  waitForEnd(() => guard.watch(end(ending)));
  // A worker gets no signals.
  if (isMainThread) for (const signal of SIGNALS) dieOf(signal, ending);
}

/** What there is to do at the end. */
interface Ending {
  /** Sends what there is. @returns whether that came to an end in time */
  flush(): Promise<boolean>;
  /** Keeps what could not be sent, at once. */
  keep(): void;
}

async function flushInTime(sdk: Sdk): Promise<boolean> {
  finishIterations();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, DEADLINE, false);
  });
  const isSent = await Promise.race([sdk.flush().then(() => true), late]);
  clearTimeout(timer);
  if (!isSent) {
    const fate = sdk.canKeep ? "the next start sends it" : "what was left of it is lost";
    unsent(`telemetry could not be sent within ${DEADLINE} ms of the end of the process; ${fate}`);
  }
  return isSent;
}

/** Calls back once the application has nothing to do any more, and begins nothing new when it is told so. */
function waitForEnd(ended: () => void): void {
  // Before the application's own listeners.
  process.prependOnceListener(
    "beforeExit",
    guard.callback(() => {
      const before = process.getActiveResourcesInfo().length;
      const look = guard.callback(() => {
        if (process.getActiveResourcesInfo().length > before) waitForEnd(ended);
        else ended();
      });
      // After them, asynchronous ones up to what they wait for.
      queueMicrotask(guard.callback(() => process.nextTick(look)));
    }),
  );
}

/** The exit code of Node for a module that waits for what never comes; `process.exit()` would hide it. */
const UNSETTLED = 13;

/** Whether the main module waits in vain: Node listens for that under this name. */
const isModuleWaiting = (): boolean => process.listeners("exit").some(({ name }) => name === "handleProcessExit");

/**
 * The time we take makes Node announce the end a second time. The application is not told again, and an export that
 * goes on trying does not keep it alive.
 */
async function end({ flush }: Ending): Promise<void> {
  const isSent = await flush();
  process.removeAllListeners("beforeExit");
  if (!isSent) process.exit(process.exitCode ?? (isModuleWaiting() ? UNSETTLED : undefined));
}

/**
 * A process that nobody else listens in dies of a signal, with the status it has without us, but sends its
 * telemetry first. A listener of the application's has the signal for itself: ours steps back while there is
 * one, so that code which counts listeners or signals itself again finds what it would find without us.
 */
function dieOf(signal: NodeJS.Signals, { flush, keep }: Ending): void {
  let isOurs = false;
  let isDying = false;
  const dieNow = (): void => {
    keep();
    process.removeListener(signal, die);
    process.kill(process.pid, signal);
  };
  const die = guard.callback(() => {
    // A second signal does not wait.
    if (isDying) return dieNow();
    isDying = true;
    guard.watch(flush().then(dieNow, dieNow));
  });
  const listen = (): void => {
    isOurs = true;
    process.on(signal, die);
    isOurs = false;
  };
  // Before Node's own listener, which starts to watch for the signal where nobody does yet.
  (process as NodeJS.EventEmitter).prependListener(
    "newListener",
    guard.callback((event: string | symbol) => {
      if (event === signal && !isOurs) process.removeListener(signal, die);
    }),
  );
  process.on(
    "removeListener",
    guard.callback((event: string | symbol, listener: unknown) => {
      if (event === signal && listener !== die && process.listenerCount(signal) === 0) listen();
    }),
  );
  listen();
}
