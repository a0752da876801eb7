import type { Meter } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { shieldedMeter } from "./shield.ts";

/** A provider that knows whether the application has metrics of its own. */
export class WatchedMeterProvider extends MeterProvider {
  isUsed = false;

  override getMeter(...args: Parameters<MeterProvider["getMeter"]>): Meter {
    this.isUsed = true;
    return shieldedMeter(super.getMeter(...args));
  }
}
