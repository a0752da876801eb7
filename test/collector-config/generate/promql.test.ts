import { expect } from "chai";
import { describe, it } from "mocha";
import { Query, QueryError, Vocabulary } from "../../../collector-config/generate/promql.ts";
import type { Metric, Registry } from "../../../semconv/schema.ts";

const metric = (name: string, instrument: Metric["instrument"], unit: string, keys: readonly string[]): Metric => ({
  name,
  instrument,
  unit,
  valueType: "double",
  brief: "A metric.",
  outlivesDatabase: false,
  boundaries: instrument === "histogram" ? [0.1, 0.256, 1] : undefined,
  attributes: keys.map((key) => ({ key, requirement: "required", note: undefined })),
  upstream: false,
  place: "",
  changes: [],
});

const registry: Registry = {
  schemaUrl: "",
  version: "1.0.0",
  place: "",
  deprecated: [],
  attributes: [],
  spans: [],
  events: [],
  metrics: [
    metric("storage.commit.duration", "histogram", "s", ["db.namespace"]),
    metric("storage.checkpoints", "counter", "{checkpoint}", ["db.namespace", "error.type"]),
  ],
};
const vocabulary = new Vocabulary(registry, { up: [] });
const query = (text: string): Query => new Query(text, vocabulary);

describe("a PromQL query", () => {
  it("may use emitted metrics by their Prometheus names", () => {
    const texts = [
      'sum by (job, db_namespace) (rate(storage_checkpoints_total{error_type!=""}[5m]))',
      'rate(storage_commit_duration_seconds_bucket{le="0.256"}[5m]) / on (job) group_left () rate(storage_commit_duration_seconds_count[5m])',
      "histogram_quantile(0.99, sum by (le) (rate(storage_commit_duration_seconds_bucket[5m])))",
      "storage_commit_duration_seconds_sum > 0 and up == 1",
    ];
    for (const text of texts) expect(query(text).text).to.equal(text);
  });

  const mistakes: readonly (readonly [what: string, text: string, message: string])[] = [
    [
      "a name nothing emits",
      "rate(storage_checkpoint_total[5m])",
      "asks for storage_checkpoint_total, which nothing emits",
    ],
    ["a name without its unit", "storage_commit_duration_count", "storage_commit_duration_count, which nothing emits"],
    [
      "a histogram as a whole",
      "storage_commit_duration_seconds",
      "storage_commit_duration_seconds, which nothing emits",
    ],
    ["a label the metric does not have", 'up{db_namespace="x"}', "asks up for db_namespace, a label it does not have"],
    ["a bucket there is none for", 'storage_commit_duration_seconds_bucket{le="0.25"}', "the bucket 0.25"],
    ["a bucket that is spelled 1 or 1.0", 'storage_commit_duration_seconds_bucket{le="1"}', "not always so spelled"],
    ["a grouping by no label of its series", "sum by (error_type) (up)", "groups by error_type"],
    ["a mistake of syntax", "sum(up", "is not PromQL"],
  ];
  for (const [what, text, message] of mistakes) {
    it(`is rejected for ${what}`, () => expect(() => query(text)).to.throw(QueryError, message));
  }

  it("lists the metrics it queries, each once", () => {
    const { metrics, usesBuckets } = query("storage_checkpoints_total + storage_checkpoints_total + up");
    expect(metrics.map(({ name }) => name)).to.deep.equal(["storage.checkpoints"]);
    expect(usesBuckets).to.equal(false);
    expect(query("storage_commit_duration_seconds_bucket").usesBuckets).to.equal(true);
  });

  it("gets a condition on each of its series that has the label", () => {
    const text = 'sum(rate(storage_checkpoints_total{error_type=""}[5m])) / sum(up) > 0';
    expect(query(text).where({ job: '=~"$job"', db_namespace: '=~"$database"' })).to.equal(
      'sum(rate(storage_checkpoints_total{error_type="",job=~"$job",db_namespace=~"$database"}[5m])) / sum(up{job=~"$job"}) > 0',
    );
  });
});
