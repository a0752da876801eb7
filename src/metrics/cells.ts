import type { Attributes, HrTime } from "@opentelemetry/api";

/** One series of a counter or an up-down counter. */
export class SumCell {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  value = 0;

  constructor(attributes: Attributes, startTime: HrTime) {
    this.attributes = attributes;
    this.startTime = startTime;
  }

  add(amount: number): void {
    this.value += amount;
  }
}

/** One series of a gauge; exported once it has been set. */
export class GaugeCell {
  readonly attributes: Attributes;
  readonly startTime: HrTime;
  value: number | undefined;

  constructor(attributes: Attributes, startTime: HrTime) {
    this.attributes = attributes;
    this.startTime = startTime;
  }

  set(value: number): void {
    this.value = value;
  }
}
