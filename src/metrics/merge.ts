import type { HrTime } from "@opentelemetry/api";
import type { InstrumentKind } from "./definition.ts";
import { mergeDistributions } from "./distribution.ts";
import { mergeHistograms } from "./histogram.ts";
import type { SharedSeries } from "./shared-series.ts";

/** Rules that combine the values of several threads into one series. */
export interface Sharing {
  /** Adds the numbers of one thread to those of others. */
  readonly merge: (into: Float64Array, from: Float64Array) => void;
  /** True if the values of a thread still count after it has ended. */
  readonly isLasting: boolean;
}

const add = (into: Float64Array, from: Float64Array): void => {
  into[0]! += from[0]!;
};

/** Keeps the largest value: of several ages or times of the last success, the largest counts. An unset value is NaN. */
const keepLargest = (into: Float64Array, from: Float64Array): void => {
  if (from[0]! > into[0]! || Number.isNaN(into[0])) into.set(from);
};

/** Keeps the latest value. The second number is the time at which the value was set. */
const keepLatest = (into: Float64Array, from: Float64Array): void => {
  if (from[1]! >= into[1]!) into.set(from);
};

export const SHARING: Readonly<Record<InstrumentKind, Sharing>> = {
  counter: { merge: add, isLasting: true },
  updowncounter: { merge: add, isLasting: false },
  balance: { merge: add, isLasting: true },
  gauge: { merge: keepLargest, isLasting: true },
  reading: { merge: keepLatest, isLasting: true },
  histogram: { merge: mergeHistograms, isLasting: true },
  distribution: { merge: mergeDistributions, isLasting: true },
};

/** Attaches the numbers of another thread to a series. That thread records into them from now on. */
export function share(series: SharedSeries, numbers: Float64Array, startTime: HrTime): void {
  (series.others ??= new Set()).add(numbers);
  const [seconds, nanoseconds] = series.startTime;
  if (startTime[0] < seconds || (startTime[0] === seconds && startTime[1] < nanoseconds)) series.startTime = startTime;
}

/** Detaches the numbers of a thread that has ended. */
export function unshare(series: SharedSeries, numbers: Float64Array, { merge, isLasting }: Sharing): void {
  if (series.others?.delete(numbers) === true && isLasting) merge(series.numbers, numbers);
}

/** Returns the total of all threads for a series. The result must not be written to. */
export function mergedNumbers({ numbers, others }: SharedSeries, { merge }: Sharing): Float64Array {
  if (others === undefined || others.size === 0) return numbers;
  const total = numbers.slice();
  for (const each of others) merge(total, each);
  return total;
}
