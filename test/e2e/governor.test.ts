import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { BINDINGS } from "../helpers/bindings.ts";

const READS = 100_000;
const PAIRS = 20_000;
const FAILING = 10_000;

describe("an application under constant load", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  /** @returns counts of a metric's series that have the attributes, and of those that have another value */
  const counted = (name: string, attributes: Record<string, string | undefined>): number =>
    (receiver.latest.get(name)?.points ?? [])
      .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
      .reduce((sum, { asInt, asDouble, count }) => sum + Number(asInt ?? asDouble ?? count), 0);

  async function run(binding: string, version: string, percent?: string): Promise<void> {
    receiver.clear();
    const { stdout, stderr } = await new App("sqlite").run("governor.cjs", {
      args: [binding, READS, PAIRS, FAILING].map(String),
      node: nodeOf(version),
      flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
      env: { ...receiver.env, ...(percent === undefined ? {} : { STRATASCOPE_TIMING_PERCENT: percent }) },
    });
    expect(stderr).to.equal("");
    expect(Number(stdout)).to.equal(FAILING / 5);
    const select = { "db.query.summary": "SELECT kv" };
    expect(counted("db.client.operation.duration", select)).to.equal(2 * READS + PAIRS);
    expect(counted("storage.operation.records", select)).to.equal(2 * READS + PAIRS);
    expect(counted("db.client.operation.duration", { "db.query.summary": "UPDATE kv" })).to.equal(PAIRS);
    expect(counted("storage.operation.records", { "db.query.summary": "UPDATE kv" })).to.equal(PAIRS);
    expect(counted("db.client.operation.duration", { "db.query.summary": "SELECT" })).to.equal(FAILING);
    expect(counted("db.client.operation.duration", { "error.type": "SQLITE_ERROR" })).to.equal(FAILING / 5);
    expect(counted("storage.transaction.duration", { "storage.transaction.mode": "deferred" })).to.equal(1);
    const { attributes } = receiver.spans.find(({ name }) => name === "request")!;
    expect(attributes["storage.rollup.read.operations"]).to.equal(READS);
    expect(attributes["storage.rollup.rows"]).to.equal(READS);
    expect(attributes["storage.rollup.repeated_count"]).to.equal(READS);
  }

  const sampled = { "storage.measurement": "sampled" };
  const intervals = "storage.instrumentation.timing_interval";

  for (const binding of BINDINGS) {
    for (const version of SUPPORTED) {
      it(`is counted exactly while one in N of its operations is timed, with ${binding} on ${version}`, async () => {
        await run(binding, version);
        expect(counted("db.client.operation.duration", sampled)).to.be.greaterThan(READS / 4);
        expect(counted(intervals, {})).to.be.greaterThan(1);
        const untimed = receiver.spans.find(({ name }) => name === "request")!.attributes;
        expect(untimed["storage.rollup.untimed_operations"]).to.be.within(1, READS);
      });
    }
  }

  it("is timed completely if that is enabled", async () => {
    await run("better-sqlite3", SUPPORTED[1]!, "0");
    expect(counted("db.client.operation.duration", sampled)).to.equal(0);
    expect(counted(intervals, {})).to.equal(1);
    const { attributes } = receiver.spans.find(({ name }) => name === "request")!;
    expect(attributes).not.to.have.property("storage.rollup.untimed_operations");
  });
});
