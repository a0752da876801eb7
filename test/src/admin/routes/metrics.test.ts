import { expect } from "chai";
import { describe, it } from "mocha";
import { pageOf } from "../../../../src/admin/routes/metrics.ts";
import type { JsonSeries } from "../../../../src/admin/routes/metrics-json.ts";

const series = (attributes: object): JsonSeries => ({
  name: "n",
  type: "counter",
  unit: "",
  attributes: attributes as JsonSeries["attributes"],
  timestamp: "",
});

describe("the metrics as JSON", () => {
  it("are complete within the limit", () => {
    expect(JSON.parse(pageOf([series({ a: 1 }), series({})]))).to.deep.equal({
      metrics: [series({ a: 1 }), series({})],
    });
  });

  it("have the number of series beyond the limit, and omit values that are not JSON", () => {
    const page = pageOf([series({ a: "x".repeat(1000) }), series({ a: 1n }), series({ b: 1 }), series({ c: 1 })], 100);
    expect(JSON.parse(page)).to.deep.equal({ metrics: [series({ b: 1 })], omitted: 3 });
  });
});
