import { setImmediate as turn } from "node:timers/promises";
import { failureOf } from "../../runtime/failure.ts";
import { finishIterations } from "../../instrument/unfinished.ts";
import { log } from "../../runtime/self-log.ts";
import { giveUpConnecting } from "../../runtime/unref-request.ts";
import { unsent } from "../../export/otlp/delivery-log.ts";
import type { Sdk } from "../../sdk/index.ts";
import { isMainThread } from "../../runtime/thread.ts";
import { guard } from "../../runtime/exit-listener.ts";
import { listenLast } from "../../runtime/exit-listener.ts";
import { isLoopAlive } from "./event-loop.ts";
import { SignalWatch } from "./signal-watch.ts";

/** Timeout of the last export after the application has ended, in milliseconds. */
const DEADLINE = 1_000;

/** Signals that terminate a process by default. */
const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Process id that no signal terminates unless the process listens for it. */
const INIT = 1;

/** Exports or spools pending telemetry when the application ends, without changing when or how it ends. */
export function flushAtExit(sdk: Sdk): void {
  const ending = new ExitSteps(sdk);
  // A worker receives no signals.
  if (isMainThread) for (const signal of SIGNALS) dieOf(signal, ending);
  // `process.exit()` and exceptions leave no time for asynchronous work.
  listenLast("exit", () => ending.spool());
  waitForEnd(() => guard.watch(end(ending)));
}

/** Steps at the end of the process. */
class ExitSteps {
  readonly #sdk: Sdk;
  #flushed: Promise<boolean> | undefined;

  constructor(sdk: Sdk) {
    this.#sdk = sdk;
  }

  /**
   * Exports pending telemetry.
   * @returns true if it was exported in time; never rejects
   */
  flush(): Promise<boolean> {
    return (this.#flushed ??= this.#flushInTime());
  }

  /** Exports pending telemetry while the process may or may not be about to end. */
  async flushMeanwhile(): Promise<void> {
    await this.#sdk.flush(false);
  }

  /** Spools unsent telemetry, synchronously. */
  spool(): void {
    try {
      finishIterations();
      this.#sdk.spool();
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
      const fate = this.#sdk.hasSpool ? "the next start sends it" : "what was left of it is lost";
      unsent(`telemetry could not be sent within ${DEADLINE} ms of the end of the process; ${fate}`);
    }
    return isSent;
  }
}

/** Calls back once the application has finished, and its `beforeExit` listeners start nothing new. */
function waitForEnd(ended: () => void): void {
  // Before the application's own listeners.
  process.prependOnceListener(
    "beforeExit",
    guard.callback(() => {
      const before = process.getActiveResourcesInfo().length;
      // Only these listeners can start new work.
      const isAsked = process.listenerCount("beforeExit") > 0;
      const look = guard.callback(() => {
        const hasBegun = process.getActiveResourcesInfo().length > before || (isAsked && isLoopAlive());
        if (hasBegun) waitForEnd(ended);
        else ended();
      });
      // After them, including asynchronous listeners up to their first wait.
      queueMicrotask(guard.callback(() => process.nextTick(look)));
    }),
  );
}

/** Exit code of Node.js for a module with an unsettled top-level await; `process.exit()` would hide it. */
const UNSETTLED = 13;

/** Tells whether the main module has an unsettled top-level await: Node.js then has a listener of this name. */
const isModuleWaiting = (): boolean => process.listeners("exit").some(({ name }) => name === "handleProcessExit");

/** Resources that Node.js lists although they do not keep a process alive. */
const IDLE = /^(Pipe|TTY)Wrap$/;

/**
 * Exports pending telemetry and lets the process end. As this takes time, Node.js emits `beforeExit` a second time. The
 * application is not notified again, and an export that is retried does not keep the process alive.
 */
async function end(ending: ExitSteps): Promise<void> {
  const isSent = await ending.flush();
  process.removeAllListeners("beforeExit");
  if (isSent) return;
  giveUpConnecting();
  await turn();
  // Work of the application on the thread pool is not listed, and completes.
  if (process.getActiveResourcesInfo().every((resource) => IDLE.test(resource))) return;
  process.exit(process.exitCode ?? (isModuleWaiting() ? UNSETTLED : undefined));
}

/**
 * Exports telemetry before a signal terminates the process, if the application does not listen for the signal. The exit
 * status is the same as without us. A signal that the process sends to itself leaves no time for an export. If the
 * application listens for the signal, nothing is done.
 */
function dieOf(signal: NodeJS.Signals, ending: ExitSteps): void {
  let isDying = false;
  const dieNow = guard.callback(() => {
    ending.spool();
    watch.die();
  });
  const watch = new SignalWatch(signal, {
    dying: () => ending.spool(),
    handle() {
      if (process.pid === INIT) return guard.watch(ending.flushMeanwhile());
      // A second signal terminates the process at once.
      if (isDying) return dieNow();
      isDying = true;
      guard.watch(ending.flush().then(dieNow));
    },
  });
}
