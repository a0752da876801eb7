import { constants } from "node:os";
import { guard } from "../../runtime/exit-listener.ts";

/** What Node.js starts and stops to watch for a signal with, as listeners of the process come and go. */
interface Watching {
  readonly start: (signal: NodeJS.Signals) => void;
  readonly stop: (signal: NodeJS.Signals) => void;
}

/** A listener of Node.js's own, by its name. */
const listenerOf = (event: string, name: string): unknown =>
  (process as NodeJS.EventEmitter).listeners(event).find((listener) => listener.name === name);

function watching(): Watching | undefined {
  const start = listenerOf("newListener", "startListeningIfSignal") as Watching["start"] | undefined;
  const stop = listenerOf("removeListener", "stopListeningIfSignal") as Watching["stop"] | undefined;
  return start === undefined || stop === undefined ? undefined : { start, stop };
}

/** As it was at the start: what an application puts in its place is for the application's own calls. */
const { kill: send } = process;

/** What Node.js sends signals with, once `process.kill` has checked what it was given. */
interface Killing {
  _kill?: (pid: number, number: number) => number;
}

/** How a signal that the application does not listen for is handled. */
export interface SignalHandler {
  /** Called when the signal has come from outside. */
  readonly handle: () => void;
  /** Called when the process sends it to itself, and is dead once this has returned. */
  readonly dying: () => void;
}

/**
 * Watches for a signal as long as the application does not, without a listener: there is none to be counted, listed or
 * removed, at no moment. Node.js watches for a signal while it has listeners, and emits an event when it comes; we have
 * it watch without one, and call us instead. As soon as the application listens, Node.js watches for it alone.
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
    // Before Node's own listener, which does nothing while somebody watches.
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

  /** Dies of the signal, at once. */
  die(): void {
    this.#isOver = true;
    // Those that came when Node.js did not watch any more, and heard nothing.
    process.removeAllListeners(this.#signal);
    this.#stop();
    Reflect.apply(send, process, [process.pid, this.#signal]);
  }

  #start(): void {
    if (this.#isOver || process.listenerCount(this.#signal) > 0) return;
    const own = Object.getOwnPropertyDescriptor(process, "emit");
    const value = guard.callback(() => this.#handler.handle());
    // Node.js binds what it calls when the signal comes.
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

  /** A process that sends itself a signal is dead before the call returns, so we do not watch for it meanwhile. */
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
