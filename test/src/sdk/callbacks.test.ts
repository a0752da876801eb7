import type { Observable, ObservableResult } from "@opentelemetry/api";
import { MeterProvider, MetricReader, type MetricData } from "@opentelemetry/sdk-metrics";
import { expect } from "chai";
import { describe, it } from "mocha";
import { METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS as ERRORS } from "../../../semconv/index.ts";
import { metricRegistry } from "../../../src/metrics/registry.ts";
import { boundCallbacks } from "../../../src/sdk/callbacks.ts";

const WAIT = 50;

class Reader extends MetricReader {
  protected async onShutdown(): Promise<void> {}
  protected async onForceFlush(): Promise<void> {}

  async metrics(): Promise<readonly MetricData[]> {
    const { resourceMetrics } = await this.collect();
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  /** The values of all metrics by name. */
  async values(): Promise<Record<string, unknown>> {
    const metrics = await this.metrics();
    return Object.fromEntries(metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints[0]?.value]));
  }
}

function provider(): { reader: Reader; gauge: (name: string) => Observable; provider: MeterProvider } {
  const reader = new Reader();
  const provider = new MeterProvider({ readers: [reader] });
  boundCallbacks(provider, WAIT);
  return { reader, provider, gauge: (name) => provider.getMeter("app").createObservableGauge(name) };
}

const errors = (type: string): number => metricRegistry.instrument(ERRORS).bind({ "error.type": type }).value;

describe("an observable callback", () => {
  it("can reuse one object for the attributes of all observations", async () => {
    const { reader, gauge } = provider();
    gauge("reused").addCallback((result) => {
      const attributes = { queue: "" };
      for (const queue of ["a", "b", "c"]) {
        attributes.queue = queue;
        result.observe(1, attributes);
      }
    });
    const [metric] = await reader.metrics();
    expect(metric!.dataPoints.map(({ attributes }) => attributes["queue"])).to.deep.equal(["a", "b", "c"]);
  });

  it("that never settles delays one collection, and does not run twice at once", async () => {
    const { reader, gauge } = provider();
    let runs = 0;
    gauge("stuck").addCallback(() => {
      runs++;
      return new Promise(() => {});
    });
    gauge("well").addCallback((result) => result.observe(++runs));
    const before = errors("timeout");
    expect(await reader.values()).to.deep.equal({ well: 2 });
    expect(await Promise.all([reader.values(), reader.values()])).to.deep.equal([{ well: 3 }, { well: 3 }]);
    expect(errors("timeout") - before).to.equal(1);
  });

  it("that takes longer is exported by the next collection, and in time again once it is faster", async () => {
    const { reader, gauge } = provider();
    let finish: (() => void)[] = [];
    let calls = 0;
    gauge("slow").addCallback(async (result) => {
      const value = ++calls;
      await new Promise<void>((resolve) => finish.push(resolve));
      result.observe(value);
    });
    const settle = async (): Promise<void> => {
      for (const each of finish) each();
      finish = [];
      await new Promise((resolve) => setImmediate(resolve));
    };
    expect(await reader.values()).to.deep.equal({});
    await settle();
    expect(await reader.values()).to.deep.equal({ slow: 1 });
    await settle();
    const asked = reader.values();
    await settle();
    expect(await asked).to.deep.equal({ slow: 3 });
  });

  it("that throws, at once or later, loses only its own values", async () => {
    const { reader, gauge } = provider();
    const before = errors("RangeError");
    gauge("throws").addCallback(() => {
      throw new RangeError("at once");
    });
    gauge("rejects").addCallback(() => Promise.reject(new RangeError("later")));
    gauge("well").addCallback((result) => result.observe(1));
    expect(await reader.values()).to.deep.equal({ well: 1 });
    expect(errors("RangeError") - before).to.equal(2);
  });

  it("can be removed by the application, whether it has run or not", async () => {
    const { reader, gauge, provider: meters } = provider();
    const meter = meters.getMeter("app");
    const [a, b] = [gauge("a"), gauge("b")];
    let calls = 0;
    const count = (result: ObservableResult): void => result.observe(++calls);
    const both = (): void => void (calls += 10);
    for (let i = 0; i < 2; i++) {
      a.addCallback(count);
      meter.addBatchObservableCallback(both, [a, b]);
      await reader.values();
    }
    expect(calls).to.equal(22);
    a.removeCallback(count);
    meter.removeBatchObservableCallback(both, [b, a]);
    await reader.values();
    expect(calls).to.equal(22);
  });
});
