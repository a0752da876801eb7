import { setTimeout as wait } from "node:timers/promises";
import type { BroadcastChannel, MessagePort } from "node:worker_threads";
import type { Config } from "../config.ts";
import { Guard } from "../guard.ts";
import { hotMetrics, type OtherThreads } from "../metrics/instruments.ts";
import { workerThreads } from "../thread.ts";
import { bequeath, openChannel, type Message } from "./channel.ts";
import { takeEnded, watchChildren } from "./children.ts";
import { fileBoard, leaveReports } from "./files.ts";
import { KnownWorker } from "./known-worker.ts";
import type { Handed, Origin } from "./transit.ts";

/** The number of the main thread. */
const MAIN = 0;

/** Milliseconds between two looks at what workers have ended, as long as there are any. */
const INTERVAL = 200;

/** What is taken at one look: it is not to hold the application up. */
const MOST = 500;

/** Milliseconds between looks whether workers have answered. One that is busy for longer shows what it polled before. */
const PATIENCE = [1, 2, 4, 8, 16, 32];

/** Where what a worker hands over goes on. */
export type Receive = (handed: Handed, origin: Origin) => void;

const guard = new Guard("workers");

function attempt(code: () => void): void {
  if (guard.enabled) guard.attempt(code);
}

const receivers: Receive[] = [];

/** The workers of this process, whichever thread started them. */
class Workers implements OtherThreads {
  readonly #known = new Map<number, KnownWorker>();
  readonly #channel: BroadcastChannel;
  #questions = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.#channel = openChannel((message) => attempt(() => this.#hear(message)));
  }

  async poll(): Promise<void> {
    this.update();
    if (this.#known.size === 0) return;
    const question = ++this.#questions;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- not a window
    this.#channel.postMessage({ question } satisfies Message);
    for (const milliseconds of PATIENCE) {
      await wait(milliseconds, undefined, { ref: false });
      if ([...this.#known.values()].every((worker) => worker.hasAnswered(question))) return;
    }
  }

  update(): void {
    attempt(() => {
      for (let next = this.#next(); next !== undefined; next = this.#next()) this.#hear(next);
      const ended = [...takeEnded(), ...[...this.#known.values()].flatMap((worker) => worker.update())];
      for (const thread of ended) this.#end(thread);
    });
  }

  /** Takes what workers have handed over. */
  take(most = Infinity): void {
    this.update();
    attempt(() => {
      for (const worker of this.#known.values()) most = this.#takeFrom(worker, most);
    });
  }

  #takeFrom({ ring, origin }: KnownWorker, most: number): number {
    for (; most > 0; most--) {
      const handed = ring.read() as Handed | undefined;
      if (handed === undefined) break;
      for (const receive of receivers) receive(handed, origin);
    }
    return most;
  }

  /** What a worker said, before the event loop comes to it. */
  #next(): Message | undefined {
    return workerThreads().receiveMessageOnPort(this.#channel as unknown as MessagePort)?.message as
      | Message
      | undefined;
  }

  #hear(message: Message): void {
    if ("ring" in message) {
      this.#known.set(message.thread, new KnownWorker(message));
      this.#timer ??= setInterval(() => this.take(MOST), INTERVAL).unref();
    }
    if ("page" in message) this.#known.get(message.thread)?.addPage(message.page);
  }

  #end(thread: number): void {
    const worker = this.#known.get(thread);
    if (worker === undefined) return;
    this.#known.delete(thread);
    this.#takeFrom(worker, Infinity);
    worker.end();
    leaveReports(thread);
    // They do not outlive it.
    for (const [child, { parent }] of this.#known) if (parent === thread) this.#end(child);
    if (this.#known.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

let workers: Workers | undefined;

/** Has workers that are started from now on join: the main thread shows what they record as it shows its own. */
export function expectWorkers(config: Config): void {
  workers = new Workers();
  hotMetrics.otherThreads = workers;
  bequeath({ parent: MAIN, config, files: fileBoard() });
  watchChildren();
}

/** Has what workers end handed to a receiver. */
export function receiveFromWorkers(receive: Receive): void {
  receivers.push(receive);
}

/** Takes what workers have ended up to this moment. */
export const takeFromWorkers = (): void => workers?.take();
