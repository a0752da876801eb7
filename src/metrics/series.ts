import type { Attributes, HrTime } from "@opentelemetry/api";
import { now } from "../runtime/clock.ts";
import type { SharedSeries } from "./shared-series.ts";

/** One series of a counter or an up-down counter. */
export class SumSeries implements SharedSeries {
  readonly attributes: Attributes;
  startTime: HrTime;
  readonly numbers: Float64Array;
  others: Set<Float64Array> | undefined;

  constructor(attributes: Attributes, startTime: HrTime, numbers: Float64Array = new Float64Array(1)) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.numbers = numbers;
  }

  get value(): number {
    return this.numbers[0]!;
  }

  set value(value: number) {
    this.numbers[0] = value;
  }

  add(amount: number): void {
    this.numbers[0]! += amount;
  }
}

/** One series of a gauge; exported once it has been set. */
export class GaugeSeries implements SharedSeries {
  readonly attributes: Attributes;
  startTime: HrTime;
  /** The value, NaN until it has been set, and the time at which it was set. */
  readonly numbers: Float64Array;
  others: Set<Float64Array> | undefined;

  constructor(attributes: Attributes, startTime: HrTime, numbers: Float64Array) {
    this.attributes = attributes;
    this.startTime = startTime;
    this.numbers = numbers;
    numbers[0] = NaN;
  }

  get value(): number | undefined {
    const [value] = this.numbers;
    return Number.isNaN(value) ? undefined : value;
  }

  set(value: number): void {
    this.numbers[0] = value;
    this.numbers[1] = Number(now());
  }
}
