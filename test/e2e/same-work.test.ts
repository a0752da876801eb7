import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER, UNHURRIED, type Ended } from "../helpers/app.ts";
import { needs } from "../helpers/drivers.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedPoint, type ReceivedSpan } from "../helpers/receiver.ts";
import { unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";

const FLAGS = ["--disable-warning=ExperimentalWarning"];
/** What all others are compared with. */
const MODEL = "better-sqlite3";

/** What is counted of each metric, by the attributes that tell its series apart. */
const COUNTS: Readonly<Record<string, readonly string[]>> = {
  "db.client.operation.duration": ["db.query.summary", "db.collection.name", "error.type"],
  "storage.operation.records": ["db.query.summary", "disk.io.direction"],
  "storage.transaction.duration": ["storage.transaction.mode", "storage.transaction.outcome", "error.type"],
  "storage.transaction.commit.duration": [],
  "storage.transaction.conflicts": ["storage.conflict.reason"],
  "storage.transaction.active": [],
  "storage.search.duration": ["storage.search.type", "storage.search.index.name"],
  "storage.search.index.update.duration": ["storage.search.type", "storage.search.index.name"],
  "storage.snapshot.duration": ["storage.snapshot.type", "error.type"],
  "storage.compaction.duration": ["storage.compaction.type", "storage.search.index.name", "error.type"],
  "storage.checkpoint.duration": ["storage.checkpoint.trigger", "storage.checkpoint.mode"],
};

/** An extended result code, which sqlite3 does not ask SQLite for: `SQLITE_CONSTRAINT_UNIQUE`. */
const EXTENDED = /^(SQLITE_CONSTRAINT|SQLITE_BUSY)_\w+$/;

/** Estimates, which only some bindings make. */
const isExact = ({ attributes }: ReceivedPoint): boolean => attributes["storage.measurement"] !== "estimated";
const isAutomatic = ({ attributes }: ReceivedPoint): boolean => attributes["storage.checkpoint.trigger"] === "auto";

const valueOf = (value: unknown): string => String(value ?? "-").replace(EXTENDED, "$1");

/** Formats the counts of a metric, one line for each series. */
function countsOf(receiver: Receiver, metric: string, keys: readonly string[]): string[] {
  const sums = new Map<string, number>();
  for (const point of receiver.latest.get(metric)?.points ?? []) {
    if (isAutomatic(point) || (metric.startsWith("storage.checkpoint") && !isExact(point))) continue;
    const key = [metric, ...keys.map((each) => valueOf(point.attributes[each]))].join(" ");
    sums.set(key, (sums.get(key) ?? 0) + Number(point.count ?? point.asInt));
  }
  return Array.from(sums, ([key, count]) => `${key} = ${count}`).filter((line) => !line.endsWith(" = 0"));
}

/** Formats the spans of the request, each below its parent. */
function spansOf(spans: readonly ReceivedSpan[], parent = "", indent = ""): string[] {
  return spans
    .filter(({ parentSpanId }) => (parentSpanId ?? "") === parent)
    .flatMap(({ name, spanId, attributes }) => [
      [indent + name, valueOf(attributes["error.type"]), valueOf(attributes["storage.transaction.statements"])].join(
        " ",
      ),
      ...spansOf(spans, spanId, `${indent}  `),
    ]);
}

describe("the same work with each binding of SQLite", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  async function run(binding: string, node: string): Promise<{ telemetry: string[]; ended: Ended; all: string }> {
    receiver.clear();
    const env = { ...receiver.env, ...UNHURRIED, STRATASCOPE_SPANS: "all" };
    const ended = await new App("sqlite").run("same-work.cjs", {
      node,
      args: [binding],
      flags: [...FLAGS, "--require", REGISTER],
      env,
    });
    const { spans, metrics, logs } = receiver;
    expect(unregisteredMetrics(metrics)).to.deep.equal([]);
    expect(unregisteredSpans(spans.filter(({ name }) => name !== "request"))).to.deep.equal([]);
    const counts = Object.entries(COUNTS).flatMap(([metric, keys]) => countsOf(receiver, metric, keys));
    return { telemetry: [...counts.sort(), ...spansOf(spans)], ended, all: JSON.stringify({ spans, metrics, logs }) };
  }

  for (const version of SUPPORTED) {
    for (const binding of ["libsql", "libsql/promise", "sqlite3"]) {
      it(`has the same telemetry with ${binding} on Node.js ${version}, and changes nothing`, async function () {
        if (binding === "sqlite3") await needs("sqlite3", this);
        const node = nodeOf(version);
        const { telemetry, ended, all } = await run(binding, node);
        const bare = await new App("sqlite").run("same-work.cjs", { node, args: [binding], flags: FLAGS });
        expect(ended).to.deep.equal(bare);
        expect(ended.stderr).to.equal("");
        expect(all).not.to.contain("S3CRET");
        const model = await run(MODEL, node);
        expect(ended.stdout).to.equal(model.ended.stdout);
        expect(telemetry).to.deep.equal(model.telemetry);
      });
    }
  }
});
