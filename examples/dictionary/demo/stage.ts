import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Receiver } from "../receiver/receiver.ts";
import { metricsPort } from "./port.ts";
import { ServiceProcess } from "./service-process.ts";

/** Milliseconds between two exports of the service. */
export const EXPORT_INTERVAL = 1_000;

/** All that has to be there for the demo, and to be gone after it. */
export class Stage {
  readonly receiver: Receiver;
  readonly service: ServiceProcess;
  readonly metricsPort: number;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "stratascope-demo-"));

  private constructor(receiver: Receiver, endpoint: string, port: number) {
    this.receiver = receiver;
    this.metricsPort = port;
    this.service = new ServiceProcess(join(this.#folder, "dictionary.db"), settings(endpoint, port));
  }

  static async open(): Promise<Stage> {
    const receiver = new Receiver();
    return new Stage(receiver, await receiver.listen(), await metricsPort());
  }

  async close(): Promise<void> {
    await this.service.stop();
    this.receiver.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function settings(endpoint: string, port: number): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: "dictionary",
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
    // Fine buckets, from which quantiles can be read.
    OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: "base2_exponential_bucket_histogram",
    OTEL_METRIC_EXPORT_INTERVAL: String(EXPORT_INTERVAL),
    OTEL_BSP_SCHEDULE_DELAY: String(EXPORT_INTERVAL),
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
  };
}
