import type { Meter, MeterOptions, MeterProvider } from "@opentelemetry/api";
import type { MetricReader } from "@opentelemetry/sdk-metrics";
import { guard } from "./guest.ts";
import type { Metrics } from "./metrics.ts";
import { saneScope } from "../input/odd-names.ts";
import { shieldedMeter } from "./shield.ts";

/** Milliseconds after the start at which metrics begin to be pushed, where nothing needs them earlier: the application comes first. */
const BEGIN_MS = 1_000;

/** Milliseconds until it is tried again. */
const RETRY_MS = 60_000;

/**
 * A provider that starts the SDK of metrics, a tenth of all that is loaded, when something is measured, scraped or pushed.
 * What we measure ourselves needs none of it until then.
 */
export class LateMeterProvider implements MeterProvider {
  /** Whether the application has metrics of its own. */
  isUsed = false;
  /** Where scrapes are answered. */
  endpoint: { close(): void } | undefined;
  readonly #start: () => Metrics;
  readonly #isPushed: boolean;
  #started: Metrics | undefined;
  #isStopped = false;

  /** @param isPushed whether what is collected is pushed, for which nothing asks */
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

  /** Collects for scrapes. */
  get reader(): MetricReader {
    return this.#sdk.scraped!;
  }

  /** Starts what pushes. */
  begin(): void {
    if (this.#isPushed && !this.#isStopped) void this.#sdk;
  }

  get #sdk(): Metrics {
    return (this.#started ??= this.#start());
  }

  async forceFlush(): Promise<void> {
    this.begin();
    if (!this.#isStopped) await this.#started?.provider.forceFlush();
  }

  async shutdown(): Promise<void> {
    this.begin();
    this.#isStopped = true;
    this.endpoint?.close();
    await this.#started?.provider.shutdown();
  }
}
