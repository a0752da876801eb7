import type { Meter, MeterOptions, MeterProvider } from "@opentelemetry/api";
import type { MeterProvider as SdkMeterProvider, MetricReader } from "@opentelemetry/sdk-metrics";
import { guard } from "./guest.ts";
import type { Metrics } from "./metrics.ts";
import { saneScope } from "../input/odd-names.ts";
import { shieldedMeter } from "./shield.ts";

/**
 * Milliseconds after the start at which the push of metrics begins, unless it is needed earlier: starting the
 * application has priority.
 */
const BEGIN_MS = 1_000;

/** Milliseconds until it is tried again. */
const RETRY_MS = 60_000;

/**
 * Provider that starts the metrics SDK, a tenth of all code that is loaded, when something is first measured, scraped
 * or pushed. Our own metrics do not need it until then.
 */
export class LateMeterProvider implements MeterProvider {
  /** True if the application has metrics of its own. */
  isUsed = false;
  /** Listener for scrapes. */
  endpoint: { close(): void } | undefined;
  readonly #start: () => Metrics;
  readonly #isPushed: boolean;
  #started: Metrics | undefined;
  #isStopped = false;

  /** @param isPushed true if metrics are pushed, so that they are collected without a request */
  constructor(start: () => Metrics, isPushed: boolean) {
    this.#start = start;
    this.#isPushed = isPushed;
    if (isPushed) this.#beginIn(BEGIN_MS);
  }

  /** Starts what pushes later on, and tries again where it cannot be loaded: the application may have a file system of its own in place. */
  #beginIn(milliseconds: number): void {
    const begin = guard.callback(() => {
      try {
        this.begin();
      } catch (error) {
        this.#beginIn(RETRY_MS);
        throw error;
      }
    });
    setTimeout(begin, milliseconds).unref();
  }

  getMeter(...args: Parameters<MeterProvider["getMeter"]>): Meter {
    this.isUsed = true;
    return shieldedMeter(this.#sdk.provider.getMeter(...saneScope<MeterOptions>(args)));
  }

  /** The reader that collects for scrapes. */
  get reader(): MetricReader {
    return this.#sdk.scraped!;
  }

  /** Starts the push of metrics. */
  begin(): void {
    if (this.#isPushed && !this.#isStopped) void this.#sdk;
  }

  get #sdk(): Metrics {
    return (this.#started ??= this.#start());
  }

  async forceFlush(...options: Parameters<SdkMeterProvider["forceFlush"]>): Promise<void> {
    this.begin();
    if (!this.#isStopped) await this.#started?.provider.forceFlush(...options);
  }

  async shutdown(...options: Parameters<SdkMeterProvider["shutdown"]>): Promise<void> {
    this.endpoint?.close();
    this.begin();
    this.#isStopped = true;
    await this.#started?.provider.shutdown(...options);
  }
}
