import { setImmediate as turn } from "node:timers/promises";
import { failureOf } from "../../runtime/failure.ts";
import { finishIterations } from "../../instrument/iteration.ts";
import { log } from "../../runtime/self-log.ts";
import { giveUpConnecting } from "../../runtime/unref-request.ts";
import { unsent } from "../../export/otlp/delivery-log.ts";
import type { Sdk } from "../../sdk/index.ts";
import { isMainThread } from "../../runtime/thread.ts";
import { guard } from "../../runtime/exit-listener.ts";
import { listenLast } from "../../runtime/exit-listener.ts";
import { isLoopAlive } from "./event-loop.ts";
import { SignalWatch } from "./signal-watch.ts";

/** Milliseconds the last export may take once the application has ended. */
const DEADLINE = 1_000;

/** The signals that end a process by default. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** A process with this number dies of no signal it does not listen for. */
const INIT = 1;

/** Has what was collected sent or kept when the application ends, without changing when or how it ends. */
export function flushAtExit(sdk: Sdk): void {
  const ending = new Ending(sdk);
  // A worker gets no signals.
  if (isMainThread) for (const signal of SIGNALS) dieOf(signal, ending);
  // `process.exit()` and exceptions leave no time for anything that has to be waited for.
  listenLast("exit", () => ending.keep());
  waitForEnd(() => guard.watch(end(ending)));
}

/** What there is to do at the end. */
class Ending {
  readonly #sdk: Sdk;
  #flushed: Promise<boolean> | undefined;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  /** Sends what there is. @returns whether that came to an end in time; never rejects */
  flush(): Promise<boolean> {
    return (this.#flushed ??= this.#flushInTime());
  }

  /** Sends what there is, as the process may be about to end, and may not. */
  async flushMeanwhile(): Promise<void> {
    await this.#sdk.flush(false);
  }

  /** Keeps what could not be sent, at once. */
  keep(): void {
    try {
      finishIterations();
      this.#sdk.keep();
    } catch (error) {
      log.warn(`telemetry that was not sent yet is lost: ${failureOf(error).text()}`);
    }
  }

  async #flushInTime(): Promise<boolean> {
    guard.attempt(finishIterations);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, DEADLINE, false);
    });
    const sent = this.#sdk.flush(true).then(
      () => true,
      () => false,
    );
    const isSent = await Promise.race([sent, late]);
    clearTimeout(timer);
    if (!isSent) {
      const fate = this.#sdk.canKeep ? "the next start sends it" : "what was left of it is lost";
      unsent(`telemetry could not be sent within ${DEADLINE} ms of the end of the process; ${fate}`);
    }
    return isSent;
  }
}

/** Calls back once the application has nothing to do any more, and begins nothing new when it is told so. */
function waitForEnd(ended: () => void): void {
  // Before the application's own listeners.
  process.prependOnceListener(
    "beforeExit",
    guard.callback(() => {
      const before = process.getActiveResourcesInfo().length;
      // They alone can begin something.
      const isAsked = process.listenerCount("beforeExit") > 0;
      const look = guard.callback(() => {
        const hasBegun = process.getActiveResourcesInfo().length > before || (isAsked && isLoopAlive());
        if (hasBegun) waitForEnd(ended);
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

/** What keeps no process alive, although Node.js lists it. */
const IDLE = /^(Pipe|TTY)Wrap$/;

/**
 * The time we take makes Node announce the end a second time. The application is not told again, and an export that
 * goes on trying does not keep it alive.
 */
async function end(ending: Ending): Promise<void> {
  const isSent = await ending.flush();
  process.removeAllListeners("beforeExit");
  if (isSent) return;
  giveUpConnecting();
  await turn();
  // What the application has begun on the thread pool is not listed, and comes to its end.
  if (process.getActiveResourcesInfo().every((resource) => IDLE.test(resource))) return;
  process.exit(process.exitCode ?? (isModuleWaiting() ? UNSETTLED : undefined));
}

/**
 * A process that nobody else listens in dies of a signal, with the status it has without us, but sends its telemetry
 * first; what it sends itself leaves no time for that. A listener of the application's has the signal for itself.
 */
function dieOf(signal: NodeJS.Signals, ending: Ending): void {
  let isDying = false;
  const dieNow = guard.callback(() => {
    ending.keep();
    watch.die();
  });
  const watch = new SignalWatch(signal, {
    dying: () => ending.keep(),
    handle() {
      if (process.pid === INIT) return guard.watch(ending.flushMeanwhile());
      // A second signal does not wait.
      if (isDying) return dieNow();
      isDying = true;
      guard.watch(ending.flush().then(dieNow));
    },
  });
}
