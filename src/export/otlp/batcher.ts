import type { QueueCounts } from "./self-metrics.ts";
import { guard } from "./guard.ts";

export interface BatcherOptions<T> {
  /** Maximum items that wait for a batch; further items are dropped. */
  readonly queueSize: number;
  readonly batchSize: number;
  /** Maximum milliseconds that an item waits for others. */
  readonly delay: number;
  readonly serialize: (items: T[]) => void;
  readonly counts: QueueCounts;
}

/**
 * Queue of ended items until a batch is full, or the delay has passed. The SDK's own batch processors cannot be used: that
 * of log records releases them through promises, for which there is no time while a process ends, and both count what
 * they drop in metrics of the SDK only.
 */
export class Batcher<T> {
  readonly #options: BatcherOptions<T>;
  #queue: T[] = [];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #isEnding = false;
  readonly #packing = guard.callback(() => this.pack());

  constructor(options: BatcherOptions<T>) {
    this.#options = options;
    options.counts.watch(() => this.#queue.length, options.queueSize);
  }

  add(item: T): void {
    const { queueSize, batchSize, delay } = this.#options;
    if (this.#queue.length >= queueSize) return this.#options.counts.dropped();
    this.#queue.push(item);
    if (this.#isEnding) this.pack();
    // Not at once: the application waits for this call.
    else if (this.#queue.length >= batchSize) this.#immediate ??= setImmediate(this.#packing).unref();
    else this.#timer ??= setTimeout(this.#packing, delay).unref();
  }

  /** Adds an item for which the application does not wait. */
  take(item: T): void {
    this.add(item);
    if (this.#queue.length >= this.#options.batchSize) this.pack();
  }

  /** Puts all items into batches. */
  pack(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    const items = this.#queue;
    this.#queue = [];
    const { batchSize, counts, serialize } = this.#options;
    for (let start = 0; start < items.length; start += batchSize) {
      const batch = items.slice(start, start + batchSize);
      counts.processed(batch.length);
      serialize(batch);
    }
  }

  /** Puts all items into batches, and each later one at once. */
  end(): void {
    this.#isEnding = true;
    this.pack();
  }
}
