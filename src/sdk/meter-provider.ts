import type { Meter, MeterOptions } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { saneScope } from "./odd-names.ts";
import { shieldedMeter } from "./shield.ts";

/** A provider that knows whether the application has metrics of its own. */
export class WatchedMeterProvider extends MeterProvider {
  isUsed = false;

  override getMeter(...args: Parameters<MeterProvider["getMeter"]>): Meter {
    this.isUsed = true;
    return shieldedMeter(super.getMeter(...saneScope<MeterOptions>(args)));
  }
}
