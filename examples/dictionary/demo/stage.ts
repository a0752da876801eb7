import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Receiver } from "../receiver/receiver.ts";
import { Mirror } from "./mirror.ts";
import { metricsPort } from "./port.ts";
import { Program } from "./program.ts";

/** Milliseconds between two exports of the service. */
export const EXPORT_INTERVAL = 1_000;

/** Batches the export sends. */
const BATCHES = 24;

/** All that has to be there for the demo, and to be gone after it. */
export class Stage {
  readonly receiver: Receiver;
  readonly service: Program;
  readonly metricsPort: number;
  readonly #endpoint: string;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "stratascope-demo-"));
  readonly #others: Program[] = [];
  #mirror: Mirror | undefined;

  private constructor(receiver: Receiver, endpoint: string, port: number) {
    this.receiver = receiver;
    this.metricsPort = port;
    this.#endpoint = endpoint;
    this.service = this.#program("service.ts", "dictionary", [], { OTEL_EXPORTER_PROMETHEUS_PORT: String(port) });
  }

  static async open(): Promise<Stage> {
    const receiver = new Receiver();
    return new Stage(receiver, await receiver.listen(), await metricsPort());
  }

  /** Has the dictionary exported to a slow mirror. @param seconds how long it takes, at the least */
  async export(seconds: number): Promise<void> {
    this.#mirror = new Mirror((seconds * 1000) / BATCHES);
    const address = await this.#mirror.listen();
    await this.#run("export.ts", "dictionary-export", address);
  }

  /** Has done what is done once a night. */
  async maintain(): Promise<void> {
    await this.#run("maintain.ts", "dictionary-maintenance", this.#folder);
  }

  async close(): Promise<void> {
    this.#mirror?.close();
    await Promise.all([this.service, ...this.#others].map((program) => program.stop()));
    this.receiver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** What all of them said on stderr. */
  get errors(): string {
    return [this.service, ...this.#others].map(({ errors }) => errors).join("");
  }

  async #run(file: string, service: string, argument: string): Promise<void> {
    const program = this.#program(file, service, [argument], { OTEL_METRICS_EXPORTER: "otlp" });
    this.#others.push(program);
    await program.ended();
  }

  #program(file: string, service: string, args: readonly string[], environment: NodeJS.ProcessEnv): Program {
    return new Program(file, [join(this.#folder, "dictionary.db"), ...args], {
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
