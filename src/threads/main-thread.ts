import { setTimeout as wait } from "node:timers/promises";
import type { Config } from "../config/index.ts";
import { yieldPort } from "../server/asked-ports.ts";
import { warnOnce } from "../runtime/self-log.ts";
import { metricRegistry, type OtherThreads } from "../metrics/registry.ts";
import { whenSamplingChanges } from "../spans/sampler.ts";
import { claimPort } from "../server/shared-ports.ts";
import { attempt, guard } from "./attempt.ts";
import { publishConfig, MAIN, openInbox, type SettingOverride, type Message } from "./messages.ts";
import { takeEndedWorkers, watchChildren } from "./worker-registry.ts";
import { claimMemory, releaseClaims } from "../instrument/thread-claims.ts";
import { WorkerHandle } from "./worker-handle.ts";
import { watchWorkers } from "./worker-preload.ts";
import type { WorkerMessage, Origin } from "./serialize.ts";

/**
 * Milliseconds between two reads of the workers' ring buffers while there are workers; the shorter interval applies
 * while there is more to read.
 */
const LOOK_MS = 200;
const SOON_MS = 10;

/** Maximum number of messages per read, which takes a few milliseconds: it must not block the application. */
const MAX_TAKEN = 500;

/**
 * Milliseconds between two checks whether workers have replied. A worker that is busy for longer reports its previous
 * poll.
 */
const WAITS_MS = [1, 2, 4, 8, 16, 32];
/**
 * Additional delays for workers that are polled for the first time, as Node.js has to load the code that delivers a
 * message.
 */
const FIRST_WAITS_MS = [64, 128, 256, 512];

/** Receiver of telemetry from a worker. */
export type Receive = (handed: WorkerMessage, origin: Origin) => void;

const receivers: Receive[] = [
  (handed) => {
    if ("warning" in handed) warnOnce(handed.warning);
  },
];

/** Workers of this process, independent of the thread that started them. */
class Workers implements OtherThreads {
  readonly #known = new Map<number, WorkerHandle>();
  readonly #inbox = openInbox(MAIN, (message) => attempt(() => this.#hear(message)));
  /** Overrides to send to workers when they start. */
  readonly #changed = new Map<string, SettingOverride>();
  #polls = 0;
  /** True if the process ends, which leaves no time to wait for replies. */
  #isHurried = false;
  #timer: NodeJS.Timeout | undefined;

  async poll(): Promise<void> {
    this.update();
    if (this.#known.size === 0) return;
    const poll = ++this.#polls;
    const asked = [...this.#known.values()];
    const first = asked.filter(({ isAsked }) => !isAsked);
    attempt(() => {
      for (const worker of asked) worker.ask(poll);
    });
    await this.#answers(asked, WAITS_MS);
    await this.#answers(first, FIRST_WAITS_MS);
  }

  hurry(): void {
    this.#isHurried = true;
  }

  /** Waits until all workers still running have replied, up to the end of the delays. */
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

  /**
   * Reads the messages of the workers.
   * @returns true if all were read
   */
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
      isAll = this.take(MAX_TAKEN);
    } finally {
      this.#lookIn(isAll ? LOOK_MS : SOON_MS);
    }
  });

  #lookIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = this.#known.size === 0 ? undefined : setTimeout(this.#look, milliseconds).unref();
  }

  /**
   * Reads the messages of one worker.
   * @returns the number of messages that may still be read
   */
  #takeFrom({ ring, origin }: WorkerHandle, most: number): number {
    for (; most > 0; most--) {
      const handed = ring.read() as WorkerMessage | undefined;
      if (handed === undefined) break;
      for (const receive of receivers) receive(handed, origin);
    }
    return most;
  }

  report(override: SettingOverride): void {
    const what = "level" in override ? `level ${override.subsystem}` : "ratio";
    if (override.isChanged) this.#changed.set(what, override);
    else this.#changed.delete(what);
    attempt(() => {
      for (const worker of this.#known.values()) worker.say(override);
    });
  }

  #hear(message: Message): void {
    if ("ring" in message) {
      const worker = new WorkerHandle(message);
      this.#known.set(message.thread, worker);
      for (const override of this.#changed.values()) worker.say(override);
      if (this.#timer === undefined) this.#lookIn(LOOK_MS);
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
    // Its own workers end with it.
    for (const [child, { parent }] of this.#known) if (parent === thread) this.#end(child);
  }
}

let workers: Workers | undefined;

/** Lets workers that are started from now on join: the main thread reports their telemetry as its own. */
export function expectWorkers(config: Config): void {
  workers = new Workers();
  metricRegistry.otherThreads = workers;
  publishConfig({ parent: MAIN, config, files: claimMemory() });
  watchChildren();
  watchWorkers();
  whenSamplingChanges((ratio, isChanged) => notifyWorkers({ ratio, isChanged }));
}

/** Sends an override to the workers. */
export const notifyWorkers = (override: SettingOverride): void => workers?.report(override);

/** Adds a receiver of the telemetry ended in workers. */
export function receiveFromWorkers(receive: Receive): void {
  receivers.push(receive);
}

/** Reads the telemetry that workers have ended so far. */
export const takeFromWorkers = (): void => void workers?.take();
