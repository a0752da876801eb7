import { readFileSync } from "node:fs";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, REGISTER, type RunningApp } from "../../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../../helpers/nodes.ts";
import { Receiver } from "../../helpers/receiver.ts";
import { scrape } from "../../helpers/scrape.ts";

const OBSERVED = ["--require", REGISTER];

/** The locks a process holds on files, as the kernel has them: kind and range. */
function locksOf({ process: { pid } }: RunningApp): string[] {
  const lines = readFileSync("/proc/locks", "utf8").split("\n");
  const own = lines.map((line) => line.trim().split(/\s+/)).filter((fields) => fields[4] === String(pid));
  return own.map((fields) => [fields[1], fields[3], fields[6], fields[7]].join(" ")).sort();
}

const scraped = { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_LOG_LEVEL: "info" };

describe("the locks of DuckDB", () => {
  it("are the same as unobserved, however often metrics are collected", async function () {
    if (process.platform !== "linux") this.skip();
    const app = new App("duckdb");
    const bare = new App("duckdb").start("lock-holder.cjs", { flags: [] });
    const observed = app.start("lock-holder.cjs", { env: scraped });
    const [, url] = await observed.says(/metrics on (\S+)/);
    for (const each of [bare, observed]) await each.says(/holds its locks/);
    for (let i = 0; i < 5; i++) await scrape(url!);
    expect(locksOf(bare)).not.to.deep.equal([]);
    expect(locksOf(observed)).to.deep.equal(locksOf(bare));
    const { stdout } = await app.run("lock-intruder.cjs", { flags: [] });
    expect(stdout.trim().split("\n")).to.deep.equal([
      "held.duckdb READ_WRITE locked",
      "held.duckdb READ_ONLY locked",
      "attached.duckdb READ_WRITE locked",
      "attached.duckdb READ_ONLY locked",
    ]);
    for (const each of [bare, observed]) each.process.stdin!.end();
    await Promise.all([bare.ended, observed.ended]);
  });
});

interface Model {
  readonly runs: Record<string, number>;
  readonly errors: Record<string, number>;
  readonly transactions: Record<string, number>;
  readonly read: number;
  readonly written: number;
}

describe("a random workload of DuckDB", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  /** The points of a metric, summed up by what they are named after. */
  function sums(
    metric: string,
    key: (attributes: Readonly<Record<string, unknown>>) => string | undefined,
  ): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { attributes, count, asInt } of receiver.latest.get(metric)!.points) {
      const name = key(attributes);
      const value = Number(count ?? asInt);
      if (name !== undefined && value > 0) found[name] = (found[name] ?? 0) + value;
    }
    return found;
  }

  for (const version of SUPPORTED)
    for (const way of ["import", "require"])
      it(`is counted exactly, and leaves the same data, by ${way} in Node.js ${version}`, async () => {
        receiver.clear();
        const options = { node: nodeOf(version), args: [way] };
        const bare = await new App("duckdb").run("random-workload.mjs", { ...options, flags: [] });
        const env = { ...receiver.env, OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json" };
        const observed = await new App("duckdb").run("random-workload.mjs", { ...options, flags: OBSERVED, env });
        expect(observed).to.deep.equal(bare);
        const model = JSON.parse(bare.stdout) as Model;
        const summary = (attributes: Readonly<Record<string, unknown>>): string =>
          String(attributes["db.query.summary"]);
        const duration = "db.client.operation.duration";
        expect(sums(duration, summary)).to.deep.equal(model.runs);
        const failed = sums(duration, (each) => ("error.type" in each ? summary(each) : undefined));
        expect(failed).to.deep.equal(model.errors);
        expect(
          sums(
            "storage.transaction.duration",
            (each) => `${String(each["storage.transaction.mode"])} ${String(each["storage.transaction.outcome"])}`,
          ),
        ).to.deep.equal(model.transactions);
        expect(sums("storage.operation.records", (each) => String(each["disk.io.direction"]))).to.deep.equal({
          read: model.read,
          write: model.written,
        });
        expect(JSON.stringify([receiver.metrics, receiver.spans, receiver.logs])).to.not.contain("secret-");
      });
});
