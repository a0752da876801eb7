import { constants } from "node:os";
import { guard } from "../../runtime/exit-listener.ts";

/**
 * Functions with which Node.js starts and stops watching for a signal, as listeners of the process are added and
 * removed.
 */
interface Watching {
  readonly start: (signal: NodeJS.Signals) => void;
  readonly stop: (signal: NodeJS.Signals) => void;
}

/** Returns an internal listener of Node.js by its name. */
const listenerOf = (event: string, name: string): unknown =>
  (process as NodeJS.EventEmitter).listeners(event).find((listener) => listener.name === name);

function watching(): Watching | undefined {
  const start = listenerOf("newListener", "startListeningIfSignal") as Watching["start"] | undefined;
  const stop = listenerOf("removeListener", "stopListeningIfSignal") as Watching["stop"] | undefined;
  return start === undefined || stop === undefined ? undefined : { start, stop };
}

/** The original function: a replacement by the application is for the application's own calls. */
const { kill: send } = process;

/** Internal method that sends signals, once `process.kill` has validated its arguments. */
interface Killing {
  _kill?: (pid: number, number: number) => number;
}

/** Handler of a signal that the application does not listen for. */
export interface SignalHandler {
  /** Called when the signal was sent by another process. */
  readonly handle: () => void;
  /** Called when the process sends the signal to itself; it is terminated as soon as this has returned. */
  readonly dying: () => void;
}

/**
 * Watches for a signal while the application does not, without a listener: at no time is there one that could be
 * counted, listed or removed. Node.js watches for a signal while it has listeners, and emits an event when it arrives.
 * This class makes it watch without one, and call the handler instead. As soon as the application listens, Node.js
 * watches for it alone.
 */
export class SignalWatch {
  readonly #signal: NodeJS.Signals;
  readonly #handler: SignalHandler;
  readonly #node = watching();
  #isOver = false;

  constructor(signal: NodeJS.Signals, handler: SignalHandler) {
    this.#signal = signal;
    this.#handler = handler;
    if (this.#node === undefined) return;
    // Before the listener of Node.js, which does nothing if the signal is being watched.
    (process as NodeJS.EventEmitter).prependListener(
      "newListener",
      guard.callback((event: string | symbol) => {
        if (event === signal) this.#stop();
      }),
    );
    process.on(
      "removeListener",
      guard.callback((event: string | symbol) => {
        if (event === signal) this.#start();
      }),
    );
    this.#followKills();
    this.#start();
  }

  /** Terminates the process by the signal, at once. */
  die(): void {
    this.#isOver = true;
    // Listeners that were added after Node.js had stopped watching, and were never called.
    process.removeAllListeners(this.#signal);
    this.#stop();
    Reflect.apply(send, process, [process.pid, this.#signal]);
  }

  #start(): void {
    if (this.#isOver || process.listenerCount(this.#signal) > 0) return;
    const own = Object.getOwnPropertyDescriptor(process, "emit");
    const value = guard.callback(() => this.#handler.handle());
    // Node.js binds `emit`, which it calls when the signal arrives.
    Object.defineProperty(process, "emit", { value, configurable: true, writable: true, enumerable: true });
    try {
      this.#node!.start(this.#signal);
    } finally {
      if (own === undefined) Reflect.deleteProperty(process, "emit");
      else Object.defineProperty(process, "emit", own);
    }
  }

  #stop(): void {
    if (process.listenerCount(this.#signal) === 0) this.#node!.stop(this.#signal);
  }

  /** Stops watching while the process sends the signal to itself: it is then terminated before the call returns. */
  #followKills(): void {
    const killing = process as Killing;
    const kill = killing._kill;
    if (kill === undefined) return;
    const number = constants.signals[this.#signal];
    killing._kill = (pid, sent) => {
      const isOurs = sent === number && (pid === 0 || Math.abs(pid) === process.pid) && !this.#isOver;
      if (isOurs && process.listenerCount(this.#signal) === 0) {
        guard.attempt(() => this.#handler.dying());
        guard.attempt(() => this.#stop());
      }
      const error = Reflect.apply(kill, process, [pid, sent]);
      if (isOurs) guard.attempt(() => this.#start());
      return error;
    };
  }
}
