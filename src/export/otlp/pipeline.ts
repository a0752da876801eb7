import type { Config } from "../../config/index.ts";
import type { ClaimedFile, Spool } from "../spool/spool.ts";
import { loadChunk } from "../../runtime/chunks.ts";
import { log, warnOnce } from "../../runtime/self-log.ts";
import { isMainThread } from "../../runtime/thread.ts";
import { SIGNALS, type Batch, type ContentType, type Signal } from "../batch.ts";
import { exportCounts, type ExportCounts } from "./self-metrics.ts";
import { clientOptions, destinationOf } from "./destination.ts";
import { guard } from "./guard.ts";
import type { SendQueue } from "./send-queue.ts";
import type { Protocol } from "../../config/otlp-options.ts";
import { reasonOf } from "./delivery-log.ts";
import { serializeEach, type BatchDestination } from "./serialize.ts";

const CONTENT_TYPES: Readonly<Record<Protocol, ContentType>> = {
  "http/protobuf": "application/x-protobuf",
  "http/json": "application/json",
};

/** Milliseconds after the start at which the spool of earlier processes is read. The application comes first. */
const RESUME_AFTER = 1_000;

/** Factor by which bytes grow in a file. */
const AS_TEXT = 4 / 3;

/** Serializes items and queues them for sending. */
export type Send = (request: unknown, items: number) => void;

/** Source of a signal's batches. */
export interface BatchSource {
  /** Puts waiting items into batches. */
  readonly pack: () => void;
  /** Puts all items into batches, and each later one at once: the process ends. */
  readonly end: () => void;
}

/** Loads the code for sending, when there is something to send. */
const sending = (): typeof import("./sending.ts") => loadChunk("src/export/otlp/sending");

interface Opened {
  /** Created when there is something to send. */
  queue?: SendQueue;
  readonly counts: ExportCounts;
  readonly source: BatchSource;
}

/**
 * Export of all signals over OTLP. Batches that were not sent when the process ends are written to a file, which the
 * next start sends.
 */
export class OtlpPipeline {
  readonly #config: Config;
  readonly #service: string;
  readonly #signals = new Map<Signal, Opened>();
  /** Batches of an earlier process, until all are settled. */
  #claim: (ClaimedFile & { readonly left: Set<Batch> }) | undefined;
  #spool: Spool | undefined;
  #isKept = false;
  /** Receiver of batches after everything was left to the next start. */
  #diverted: ((batch: Batch) => void) | undefined;
  /** True once there has been anything to send. */
  #isUsed = false;

  /** @param service name of the service that emits the telemetry */
  constructor(config: Config, service: string) {
    this.#config = config;
    this.#service = service;
    if (config.spool && isMainThread)
      setTimeout(
        guard.callback(() => this.#resume()),
        RESUME_AFTER,
      ).unref();
  }

  /** Opens the pipeline for a signal. */
  open(signal: Signal, source: BatchSource): Send {
    const counts = exportCounts(signal);
    const opened: Opened = { counts, source };
    counts.watch(() => opened.queue?.bytes ?? 0);
    this.#signals.set(signal, opened);
    const contentType = CONTENT_TYPES[this.#config[`${signal}Protocol`] ?? this.#config.protocol];
    const to: BatchDestination = {
      send: (body, items) => this.#queueOf(signal, opened).add({ signal, contentType, body, items, time: Date.now() }),
      lose(items, reason, error) {
        counts.lost(items, reason);
        warnOnce(
          error === undefined
            ? `some ${signal} are too large for a Collector and are dropped`
            : `some ${signal} cannot be serialized and are dropped: ${reasonOf(error)}`,
        );
      },
    };
    return (request, items) => {
      this.#isUsed = true;
      try {
        const { serializeRequest } = sending().SERIALIZERS[contentType][signal];
        counts.timed(() => serializeEach(request, items, serializeRequest, to));
      } catch (error) {
        to.lose(items, "unserializable", error);
      }
    };
  }

  #queueOf(signal: Signal, opened: Opened): SendQueue {
    if (opened.queue !== undefined) return opened.queue;
    const { Client, SendQueue } = sending();
    const queue = new SendQueue(new Client(signal, clientOptions(this.#config, signal)), {
      signal,
      limit: this.#config.spoolBytes,
      counts: opened.counts,
      settled: (batch) => this.#settled(batch),
    });
    if (this.#diverted !== undefined) queue.divert(this.#diverted);
    opened.queue = queue;
    return queue;
  }

  /** Puts waiting items into batches. */
  pack(): void {
    for (const { source } of this.#signals.values()) source.pack();
  }

  /**
   * Sends all batches, and those of an earlier process. A process without batches of its own ends without a delay.
   * Resolves when the batches are sent, or cannot be sent now.
   */
  async flush(): Promise<void> {
    this.pack();
    do {
      await Promise.all(this.#queues().map((queue) => queue.flush()));
    } while (this.#isUsed && this.#waiting().length === 0 && this.#resume());
  }

  /**
   * Leaves unsent batches to the next start. Synchronous, as the process ends now.
   * @param areMetricsCollected true if the flush before has collected the last metrics; if they have been sent, they
   * are not left a second time
   */
  spool(areMetricsCollected: boolean): void {
    if (this.#isKept) return;
    this.#isKept = true;
    if (!this.#config.spool) return;
    const metrics = this.#signals.get("metrics");
    for (const each of this.#signals.values()) if (each !== metrics) each.source.end();
    const lost = this.#makeRoom();
    // Last, as the metrics count the losses.
    if (metrics !== undefined && !(areMetricsCollected && (metrics.queue?.waiting ?? []).length === 0))
      metrics.source.end();
    const waiting = this.#waiting().filter((batch) => !lost.has(batch));
    if (waiting.length > 0) {
      this.#spooling(waiting, (spool) => {
        spool.write(waiting);
        this.#claim?.done();
      });
    }
    this.#divert();
  }

  /**
   * Removes older files.
   * @returns the batches that are lost, as there is no room for them
   */
  #makeRoom(): ReadonlySet<Batch> {
    const waiting = this.#waiting();
    let fitting: readonly Batch[] = waiting;
    if (waiting.length > 0) {
      this.#spooling([], (spool) => {
        fitting = spool.fit(waiting);
        spool.makeRoom(fitting);
      });
    }
    const kept = new Set(fitting);
    return new Set(waiting.filter((batch) => !kept.has(batch)));
  }

  /** Writes batches that end while the application's own exit listeners run. */
  #divert(): void {
    let write: ((batch: Batch) => void) | undefined;
    const keep = (batch: Batch): void => this.#spooling([batch], (spool) => (write ??= spool.begin())(batch));
    this.#diverted = keep;
    for (const queue of this.#queues()) queue.divert(keep);
  }

  #queues(): SendQueue[] {
    return [...this.#signals.values()].flatMap(({ queue }) => queue ?? []);
  }

  #waiting(): Batch[] {
    return this.#queues().flatMap(({ waiting }) => waiting);
  }

  /**
   * Sends what an earlier process left.
   * @returns true if there was anything
   */
  #resume(): boolean {
    if (!this.#config.spool || !isMainThread || this.#isKept || this.#claim !== undefined) return false;
    let claim: ClaimedFile | undefined;
    this.#spooling([], (spool) => {
      claim = spool.claim();
    });
    if (claim === undefined) return false;
    log.info(`sending ${claim.batches.length} batches that an earlier process could not send`);
    this.#claim = { ...claim, left: new Set(claim.batches) };
    for (const [signal, opened] of this.#signals)
      this.#queueOf(signal, opened).resume(claim.batches.filter((batch) => batch.signal === signal));
    // Batches of a signal that is not sent any more.
    for (const batch of claim.batches) if (!this.#signals.has(batch.signal)) this.#settled(batch);
    return true;
  }

  #settled(batch: Batch): void {
    if (this.#claim?.left.delete(batch) !== true || this.#claim.left.size > 0) return;
    this.#claim.done();
    this.#claim = undefined;
    setImmediate(guard.callback(() => this.#resume())).unref();
  }

  /**
   * Runs work on the spool.
   * @param batches batches that are lost if the work fails
   */
  #spooling(batches: readonly Batch[], work: (spool: Spool) => void): void {
    try {
      work((this.#spool ??= this.#createSpool()));
    } catch (error) {
      if (batches.length === 0) return log.debug(`telemetry is not spooled: ${reasonOf(error)}`);
      for (const { signal, items } of batches) this.#signals.get(signal)?.counts.lost(items, "unwritable");
      warnOnce(
        `telemetry that was not sent yet is lost: it cannot be written to STRATASCOPE_SPOOL_FOLDER (${reasonOf(error)})`,
      );
    }
  }

  #createSpool(): Spool {
    const { Spool } = loadChunk<typeof import("../spool/spool.ts")>("src/export/spool/spool");
    return new Spool({
      folder: this.#config.spoolFolder,
      identity: {
        service: this.#service,
        destination: JSON.stringify([this.#service, destinationOf(this.#config)]),
      },
      // Maximum bytes that one process may leave.
      limit: Math.floor(this.#config.spoolBytes * SIGNALS.length * AS_TEXT),
      report: ({ signal, items }, reason) => this.#signals.get(signal)?.counts.lost(items, reason),
    });
  }
}
