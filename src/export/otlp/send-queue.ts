import { log } from "../../runtime/self-log.ts";
import type { SendResult, Batch, Signal } from "../batch.ts";
import type { Client } from "./client.ts";
import type { ExportCounts } from "./self-metrics.ts";
import { guard } from "./guard.ts";
import { reachable, unreachable } from "./delivery-log.ts";

/** Milliseconds to the second attempt. Each later wait is twice as long, up to a limit. */
const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 30_000;
/** Longest pause, whatever a Collector asks for. */
const MAX_PAUSE_MS = 300_000;

export interface SendQueueOptions {
  readonly signal: Signal;
  /** Maximum bytes in the queue. */
  readonly limit: number;
  readonly counts: ExportCounts;
  /** Called when a batch was delivered, or is lost. */
  readonly settled: (batch: Batch) => void;
}

/**
 * Export queue of one signal: sends one batch after another, the oldest first. A batch that fails stays in the queue,
 * within bounds, and is retried with backoff.
 */
export class SendQueue {
  readonly #signal: Signal;
  readonly #client: Client;
  readonly #limit: number;
  readonly #counts: ExportCounts;
  readonly #settled: (batch: Batch) => void;
  #batches: Batch[] = [];
  #bytes = 0;
  #running: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #wait = FIRST_WAIT_MS;
  /** True if the Collector has set the wait. */
  #isPaused = false;
  #isRejectionReported = false;
  #divert: ((batch: Batch) => void) | undefined;

  constructor(client: Client, { signal, limit, counts, settled }: SendQueueOptions) {
    this.#signal = signal;
    this.#client = client;
    this.#limit = limit;
    this.#counts = counts;
    this.#settled = settled;
  }

  /** Size of the queue, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  add(batch: Batch): void {
    if (this.#divert !== undefined) return this.#divert(batch);
    this.#batches.push(batch);
    this.#bytes += batch.body.length;
    this.#trim();
    if (this.#retry === undefined) this.#start();
  }

  /** Adds the batches of an earlier process in front of the others. */
  resume(batches: readonly Batch[]): void {
    this.#batches.splice(this.#running === undefined ? 0 : 1, 0, ...batches);
    for (const { body } of batches) this.#bytes += body.length;
    this.#trim();
    if (this.#retry === undefined) this.#start();
  }

  /** Retries everything once. Resolves when the queue is empty, or a batch fails. */
  async flush(): Promise<void> {
    if (this.#isPaused) return;
    this.#start();
    await this.#running;
  }

  /** Batches that are not known to have been delivered. */
  get waiting(): readonly Batch[] {
    return this.#batches;
  }

  /** Passes all later batches to another receiver: nothing more can be sent. */
  divert(to: (batch: Batch) => void): void {
    this.#divert = to;
  }

  #start(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#isPaused = false;
    if (this.#running === undefined && this.#batches.length > 0) this.#running = this.#run();
  }

  async #run(): Promise<void> {
    for (let batch = this.#batches[0]; batch !== undefined; batch = this.#batches[0]) {
      const answer = await this.#client.post(batch);
      if (answer.outcome === "later") {
        this.#failed(answer);
        break;
      }
      this.#remove(batch);
      if (answer.outcome === "accepted") this.#accepted(batch, answer);
      else this.#refused(batch, answer);
    }
    // Reset synchronously, not a promise later: no run would send a batch that was added in between.
    this.#running = undefined;
  }

  #refused({ items }: Batch, { reason, errorType }: SendResult & { outcome: "refused" }): void {
    this.#counts.lost(items, errorType);
    unreachable(this.#signal, reason, "is lost");
  }

  #accepted({ items }: Batch, { rejected, message }: SendResult & { outcome: "accepted" }): void {
    this.#wait = FIRST_WAIT_MS;
    this.#counts.delivered(items - rejected);
    if (rejected > 0) {
      this.#counts.lost(rejected, "rejected");
      // Not again when the message changes.
      if (!this.#isRejectionReported)
        log.warn(`the Collector rejected some ${this.#signal}: ${message ?? "no reason given"}`);
      this.#isRejectionReported = true;
    }
    reachable(this.#signal);
  }

  #failed({ reason, afterMilliseconds }: SendResult & { outcome: "later" }): void {
    unreachable(this.#signal, reason, "is kept within bounds");
    this.#isPaused = afterMilliseconds !== undefined;
    // Jitter: processes that lost the same Collector do not return to it at the same time.
    const asked = afterMilliseconds === undefined ? undefined : Math.max(afterMilliseconds, FIRST_WAIT_MS);
    const wait = Math.min(asked ?? this.#wait * (0.8 + 0.4 * Math.random()), MAX_PAUSE_MS);
    log.debug(`${this.#signal}: ${reason}; trying again in ${Math.round(wait)} ms`);
    this.#wait = Math.min(this.#wait * 2, MAX_WAIT_MS);
    this.#retry = setTimeout(
      guard.callback(() => this.#start()),
      wait,
    );
    this.#retry.unref();
  }

  /**
   * Drops the oldest batches until the rest fits. Keeps the batch that is being sent, and the only one, however large.
   */
  #trim(): void {
    while (this.#bytes > this.#limit && this.#batches.length > 1) {
      const oldest = this.#batches[this.#running === undefined ? 0 : 1]!;
      this.#remove(oldest);
      this.#counts.lost(oldest.items, "backlog_full");
    }
  }

  #remove(batch: Batch): void {
    const index = this.#batches.indexOf(batch);
    if (index < 0) return;
    this.#batches.splice(index, 1);
    this.#bytes -= batch.body.length;
    this.#settled(batch);
  }
}
