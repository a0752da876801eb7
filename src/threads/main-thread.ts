import { setTimeout as wait } from "node:timers/promises";
import type { Config } from "../config/index.ts";
import { yieldPort } from "../server/asked-ports.ts";
import { warnOnce } from "../runtime/self-log.ts";
import { hotMetrics, type OtherThreads } from "../metrics/registry.ts";
import { whenSamplingChanges } from "../spans/sampler.ts";
import { claimPort } from "../server/shared-ports.ts";
import { attempt, guard } from "./attempt.ts";
import { publishConfig, MAIN, openInbox, type Adjusted, type Message } from "./messages.ts";
import { takeEndedWorkers, watchChildren } from "./worker-registry.ts";
import { claimMemory, releaseClaims } from "../instrument/thread-claims.ts";
import { WorkerHandle } from "./worker-handle.ts";
import { watchWorkers } from "./worker-preload.ts";
import type { Handed, Origin } from "./serialize.ts";

/** Milliseconds between two looks at what workers have ended, as long as there are any; and where there is more. */
const INTERVAL = 200;
const SOON = 10;

/** What is taken at one look, in a few milliseconds: it is not to hold the application up. */
const MOST = 500;

/** Milliseconds between looks whether workers have answered. One that is busy for longer shows what it polled before. */
const PATIENCE = [1, 2, 4, 8, 16, 32];
/** And for those that are asked for the first time, as Node.js has to load what hands them a question. */
const FIRST_PATIENCE = [64, 128, 256, 512];

/** Where what a worker hands over goes on. */
export type Receive = (handed: Handed, origin: Origin) => void;

const receivers: Receive[] = [
  (handed) => {
    if ("warning" in handed) warnOnce(handed.warning);
  },
];

/** The workers of this process, whichever thread started them. */
class Workers implements OtherThreads {
  readonly #known = new Map<number, WorkerHandle>();
  readonly #inbox = openInbox(MAIN, (message) => attempt(() => this.#hear(message)));
  /** What workers that are started have to be told of. */
  readonly #changed = new Map<string, Adjusted>();
  #questions = 0;
  /** Whether the process ends, which leaves no time to wait for answers. */
  #isHurried = false;
  #timer: NodeJS.Timeout | undefined;

  async poll(): Promise<void> {
    this.update();
    if (this.#known.size === 0) return;
    const question = ++this.#questions;
    const asked = [...this.#known.values()];
    const first = asked.filter(({ isAsked }) => !isAsked);
    attempt(() => {
      for (const worker of asked) worker.ask(question);
    });
    await this.#answers(asked, PATIENCE);
    await this.#answers(first, FIRST_PATIENCE);
  }

  hurry(): void {
    this.#isHurried = true;
  }

  /** Waits until all that still run have answered, for as long as there is patience. */
  async #answers(asked: readonly WorkerHandle[], patience: readonly number[]): Promise<void> {
    for (const milliseconds of patience) {
      this.update();
      if (this.#isHurried || asked.every((worker) => worker.hasAnswered || worker.hasEnded)) return;
      await wait(milliseconds, undefined, { ref: false });
    }
  }

  update(): void {
    attempt(() => {
      for (let next = this.#inbox.next(); next !== undefined; next = this.#inbox.next()) this.#hear(next);
      const ended = [...takeEndedWorkers(), ...[...this.#known.values()].flatMap((worker) => worker.update())];
      for (const thread of ended) this.#end(thread);
    });
  }

  /** Takes what workers have handed over. @returns whether that was all */
  take(most = Infinity): boolean {
    this.update();
    attempt(() => {
      for (const worker of this.#known.values()) most = this.#takeFrom(worker, most);
    });
    return most > 0;
  }

  readonly #look = guard.callback(() => {
    let isAll = true;
    try {
      isAll = this.take(MOST);
    } finally {
      this.#lookIn(isAll ? INTERVAL : SOON);
    }
  });

  #lookIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#known.size === 0 ? undefined : setTimeout(this.#look, milliseconds).unref();
  }

  /** @returns how many more may be taken */
  #takeFrom({ ring, origin }: WorkerHandle, most: number): number {
    for (; most > 0; most--) {
      const handed = ring.read() as Handed | undefined;
      if (handed === undefined) break;
      for (const receive of receivers) receive(handed, origin);
    }
    return most;
  }

  tell(adjusted: Adjusted): void {
    const what = "level" in adjusted ? `level ${adjusted.subsystem}` : "ratio";
    if (adjusted.isChanged) this.#changed.set(what, adjusted);
    else this.#changed.delete(what);
    attempt(() => {
      for (const worker of this.#known.values()) worker.say(adjusted);
    });
  }

  #hear(message: Message): void {
    if ("ring" in message) {
      const worker = new WorkerHandle(message);
      this.#known.set(message.thread, worker);
      for (const adjusted of this.#changed.values()) worker.say(adjusted);
      if (this.#timer === undefined) this.#lookIn(INTERVAL);
    }
    if ("port" in message) {
      yieldPort(message.port);
      claimPort(message.port);
      const isLeft = new Int32Array(message.isLeft);
      Atomics.store(isLeft, 0, 1);
      Atomics.notify(isLeft, 0);
    }
    if ("page" in message) this.#known.get(message.thread)?.addPage(message.page);
    if ("isFilling" in message) this.#lookIn(0);
  }

  #end(thread: number): void {
    const worker = this.#known.get(thread);
    if (worker === undefined) return;
    this.#known.delete(thread);
    this.#takeFrom(worker, Infinity);
    worker.end();
    releaseClaims(thread);
    // They do not outlive it.
    for (const [child, { parent }] of this.#known) if (parent === thread) this.#end(child);
  }
}

let workers: Workers | undefined;

/** Has workers that are started from now on join: the main thread shows what they record as it shows its own. */
export function expectWorkers(config: Config): void {
  workers = new Workers();
  hotMetrics.otherThreads = workers;
  publishConfig({ parent: MAIN, config, files: claimMemory() });
  watchChildren();
  watchWorkers();
  whenSamplingChanges((ratio, isChanged) => tellWorkers({ ratio, isChanged }));
}

/** Has workers go by what was adjusted here. */
export const tellWorkers = (adjusted: Adjusted): void => workers?.tell(adjusted);

/** Has what workers end handed to a receiver. */
export function receiveFromWorkers(receive: Receive): void {
  receivers.push(receive);
}

/** Takes what workers have ended up to this moment. */
export const takeFromWorkers = (): void => void workers?.take();
