import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Receiver } from "../receiver/receiver.ts";
import { Mirror } from "./mirror.ts";
import { DEFAULT_PORT, metricsPort } from "./port.ts";
import { Program } from "./program.ts";

/** Milliseconds between two exports of the service. */
export const EXPORT_INTERVAL = 1_000;

/** Batches the export sends. */
const BATCHES = 24;

/** All that has to be there for the demo, and to be gone after it. */
export class Stage {
  readonly receiver: Receiver;
  readonly dictionary: Program;
  readonly ingest: Program;
  /** Ports of `/metrics` of the two services. */
  readonly metricsPorts: readonly [dictionary: number, ingest: number];
  readonly #endpoint: string;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "stratascope-demo-"));
  readonly #others: Program[] = [];
  readonly #database: string = join(this.#folder, "dictionary.db");
  #mirror: Mirror | undefined;

  private constructor(receiver: Receiver, endpoint: string, ports: Stage["metricsPorts"]) {
    this.receiver = receiver;
    this.metricsPorts = ports;
    this.#endpoint = endpoint;
    const [dictionary, ingest] = ports.map((port) => ({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }));
    this.dictionary = this.#program("service.ts", "dictionary", [this.#database], dictionary!);
    this.ingest = this.#program("ingest.ts", "ingest", [this.#folder], ingest!);
  }

  static async open(): Promise<Stage> {
    const receiver = new Receiver();
    const endpoint = await receiver.listen();
    return new Stage(receiver, endpoint, [await metricsPort(DEFAULT_PORT), await metricsPort(DEFAULT_PORT + 1)]);
  }

  get services(): readonly Program[] {
    return [this.dictionary, this.ingest];
  }

  /**
   * Has the dictionary exported, and the totals archived, to a slow mirror.
   * @param seconds how long it takes, at the least
   */
  async export(seconds: number): Promise<void> {
    this.#mirror = new Mirror((seconds * 1000) / BATCHES);
    const address = await this.#mirror.listen();
    await Promise.all([
      this.#run("export.ts", "dictionary-export", [this.#database, address]),
      this.#run("archive.ts", "ingest-archive", [this.#folder, address]),
    ]);
  }

  /** Has done what is done once a night. */
  async maintain(): Promise<void> {
    await this.#run("maintain.ts", "dictionary-maintenance", [this.#database, this.#folder]);
  }

  async close(): Promise<void> {
    this.#mirror?.close();
    await Promise.all([...this.services, ...this.#others].map((program) => program.stop()));
    this.receiver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What all of them said on stderr. */
  get errors(): string {
    return [...this.services, ...this.#others].map(({ errors }) => errors).join("");
  }

  async #run(file: string, service: string, args: readonly string[]): Promise<void> {
    const program = this.#program(file, service, args, { OTEL_METRICS_EXPORTER: "otlp" });
    this.#others.push(program);
    await program.ended();
  }

  #program(file: string, service: string, args: readonly string[], environment: NodeJS.ProcessEnv): Program {
    return new Program(file, args, {
      OTEL_SERVICE_NAME: service,
      OTEL_EXPORTER_OTLP_ENDPOINT: this.#endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      // Fine buckets, from which quantiles can be read.
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "base2_exponential_bucket_histogram",
      OTEL_METRIC_EXPORT_INTERVAL: String(EXPORT_INTERVAL),
      OTEL_BSP_SCHEDULE_DELAY: String(EXPORT_INTERVAL),
      ...environment,
    });
  }
}
