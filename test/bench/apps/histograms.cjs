"use strict";
// Records into a number of histograms of its own, and tells what its main thread has used when asked.
const { metrics } = require(require.resolve("@opentelemetry/api", { paths: [process.cwd()] }));

const SERIES = Number(process.argv[2]);
/** Three a decade, from a microsecond to 50 seconds. */
const BOUNDARIES = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10].flatMap((decade) => [decade, 2 * decade, 5 * decade]);

const histogram = metrics.getMeter("bench").createHistogram("bench.operation.duration", {
  unit: "s",
  advice: { explicitBucketBoundaries: BOUNDARIES },
});
for (let i = 0; i < SERIES; i++) {
  const attributes = { "db.system.name": "sqlite", "db.namespace": "bench", "db.query.summary": `SELECT t${i}` };
  for (const value of BOUNDARIES) histogram.record(value, attributes);
}
require("./main-thread.cjs");
