import { expect } from "chai";
import { describe, it } from "mocha";
import {
  METRIC_STORAGE_BACKGROUND_ERRORS,
  METRIC_STORAGE_COMPACTION_DURATION,
  METRIC_STORAGE_COMPACTION_PENDING,
} from "../../../../semconv/index.ts";
import { compactions } from "../../../../src/admin/health/compaction.ts";
import { MetricRegistry } from "../../../../src/metrics/registry.ts";

const DATABASE = { "db.system.name": "rocksdb", "db.namespace": "orders" };

describe("the health of compactions", () => {
  it("is degraded by a failed one and by many bytes that wait, and unhealthy by an error in the background", () => {
    const registry = new MetricRegistry();
    const look = compactions(registry);
    const durations = registry.instrument(METRIC_STORAGE_COMPACTION_DURATION);
    durations.bind({ ...DATABASE, "storage.compaction.type": "leveled" }).record(1e6);
    expect(look()).to.deep.equal({ state: "healthy" });
    const pending = registry.instrument(METRIC_STORAGE_COMPACTION_PENDING).bind(DATABASE);
    pending.value = 2 ** 31;
    expect(look()).to.deep.equal({ state: "degraded", message: "orders: 2147 MB wait to be compacted" });
    pending.value = 0;
    durations.bind({ ...DATABASE, "storage.compaction.type": "leveled", "error.type": "IOError" }).record(1e6);
    expect(look()).to.deep.equal({ state: "degraded", message: "orders: IOError" });
    registry
      .instrument(METRIC_STORAGE_BACKGROUND_ERRORS)
      .bind({ ...DATABASE, "error.type": "IOError" })
      .add(1);
    expect(look()).to.deep.equal({ state: "unhealthy", message: "orders: IOError; the engine may refuse writes" });
  });
});
