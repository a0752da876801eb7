import { expect } from "chai";
import { describe, it } from "mocha";
import { METRIC_DB_CLIENT_OPERATION_DURATION, METRIC_STORAGE_TRANSACTION_OLDEST_AGE } from "../../../semconv/index.ts";
import { Meter } from "../../../src/admin/alerts/query.ts";
import { completeRule } from "../../../src/admin/alerts/rule.ts";
import type { GaugeSeries } from "../../../src/metrics/series.ts";
import type { Definition } from "../../../src/metrics/definition.ts";
import type { HistogramSeries } from "../../../src/metrics/histogram.ts";
import { MetricRegistry } from "../../../src/metrics/registry.ts";
import { totalOf } from "../../../src/metrics/totals.ts";

const DATABASE = { "db.namespace": "a" };
const metric = METRIC_DB_CLIENT_OPERATION_DURATION.name;

/** A histogram that this thread and another one record into, in nanoseconds. */
function operations() {
  const metrics = new MetricRegistry();
  const instrument = metrics.instrument<Definition>(METRIC_DB_CLIENT_OPERATION_DURATION);
  const [here, there] = [
    instrument,
    new MetricRegistry().instrument<Definition>(METRIC_DB_CLIENT_OPERATION_DURATION),
  ].map((each) => each.bind(DATABASE) as HistogramSeries) as [HistogramSeries, HistogramSeries];
  instrument.share(DATABASE, there.startTime, there.numbers);
  return { metrics, instrument, here, there };
}

describe("reading a metric in the process", () => {
  it("counts what all threads recorded", () => {
    const { instrument, here, there } = operations();
    for (const each of [1e6, 5e6]) here.record(each);
    // One of them is above the bound that lies in its cell.
    for (const each of [1e6, 25e6, 1.0000001e6]) there.record(each);
    expect(totalOf(instrument, here)).to.equal(5);
  });

  it("counts an unset gauge as 0", () => {
    const instrument = new MetricRegistry().instrument<Definition>(METRIC_STORAGE_TRANSACTION_OLDEST_AGE);
    const series = instrument.bind(DATABASE) as GaugeSeries;
    expect(totalOf(instrument, series)).to.equal(0);
    series.set(7);
    expect(totalOf(instrument, series)).to.equal(7);
  });

  for (const [statistic, expected] of [
    ["count", 4],
    ["sum", 3.003],
    ["average", 0.75075],
  ] as const) {
    it(`compares the ${statistic} of what all threads recorded since the first look`, () => {
      const { metrics, here, there } = operations();
      here.record(5e9);
      there.record(5e9);
      const meter = new Meter(
        completeRule({ name: "a", metric, condition: "above", threshold: 0, statistic, by: ["db.namespace"] }),
      );
      meter.read(metrics);
      for (const each of [1e6, 1e6]) here.record(each);
      for (const each of [1e6, 3e9]) there.record(each);
      const [measure] = meter.read(metrics);
      expect(measure!.attributes).to.deep.equal(DATABASE);
      expect(measure!.value).to.be.closeTo(expected, 1e-9);
    });
  }
});
