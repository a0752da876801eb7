import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { TypicalCommit } from "../../instrumentations/sqlite/commit-baseline.ts";
import { App, REGISTER } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedSpan } from "../helpers/receiver.ts";
import { scrape, select } from "../helpers/scrape.ts";
import { BINDINGS } from "../helpers/bindings.ts";

const milliseconds = ({ startTimeUnixNano, endTimeUnixNano }: ReceivedSpan): number =>
  Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano)) / 1e6;

describe("automatic checkpoints", () => {
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  async function run(binding: string, version: string): Promise<number> {
    receiver.clear();
    const running = new App("sqlite").start("checkpoints.cjs", {
      args: [binding],
      node: nodeOf(version),
      flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
      env: { ...receiver.env, STRATASCOPE_SPANS: "all", OTEL_BSP_MAX_QUEUE_SIZE: "4096" },
    });
    await eventually(() => receiver.spans.some(({ name }) => name === "request"));
    running.process.stdin!.end();
    const { stdout, stderr } = await running.ended;
    expect(stderr).to.equal("");
    return Number(stdout);
  }
  const points = (name: string, attributes: Record<string, string>): number =>
    (receiver.latest.get(name)?.points ?? [])
      .filter((point) => Object.entries(attributes).every(([key, value]) => point.attributes[key] === value))
      .reduce((sum, { asInt, count }) => sum + Number(asInt ?? count), 0);

  for (const binding of BINDINGS) {
    for (const version of SUPPORTED) {
      it(`are all reported on the commits that ran them, with ${binding} on ${version}`, async () => {
        const checkpoints = await run(binding, version);
        expect(checkpoints).to.be.greaterThan(100);
        expect(points("storage.checkpoints", { "storage.checkpoint.trigger": "auto" })).to.equal(checkpoints);
        // On a busy machine a checkpoint can be too short to stand out of its commit.
        const measured = points("storage.checkpoint.duration", {});
        expect(measured).to.be.within(0.9 * checkpoints, checkpoints);
        expect(receiver.spans.filter(({ name }) => name === "checkpoint app")).to.have.length(measured);
      });
    }
  }

  it("have an exact duration on Node.js 26, close to the estimated one", async () => {
    const checkpoints = await run("node-sqlite", "26.10.0");
    const spans = receiver.spans.filter(({ name }) => name === "checkpoint app" || name === "INSERT blobs");
    const exact = spans.filter(
      ({ name, attributes }) => name === "checkpoint app" && !("storage.measurement" in attributes),
    );
    // The first of them comes before it can be expected.
    expect(exact.length).to.be.within(checkpoints - 2, checkpoints);

    const byStart = (a: ReceivedSpan, b: ReceivedSpan): number =>
      BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1;
    const typical = new TypicalCommit();
    const errors: number[] = [];
    for (const commit of spans.filter(({ name }) => name === "INSERT blobs").sort(byStart)) {
      const inside = spans.find(
        ({ name, startTimeUnixNano: start, endTimeUnixNano: end }) =>
          name === "checkpoint app" &&
          BigInt(start) >= BigInt(commit.startTimeUnixNano) &&
          BigInt(end) <= BigInt(commit.endTimeUnixNano) + 1000n,
      );
      const whole = milliseconds(commit) * 1e6;
      if (inside === undefined) typical.learn(whole);
      else if (exact.includes(inside))
        errors.push((whole - (typical.ownPartOf(whole) ?? 0)) / 1e6 / milliseconds(inside) - 1);
    }
    const sorted = errors.map(Math.abs).sort((a, b) => a - b);
    const percent = (part: number): string => `${(100 * sorted[Math.floor(part * (sorted.length - 1))]!).toFixed(1)} %`;
    console.log(
      `      ${sorted.length} estimates are off by ${percent(0.5)} (median), ${percent(0.95)} (95th percentile)`,
    );
    expect(sorted.length).to.be.greaterThan(100);
    expect(sorted[Math.floor(sorted.length / 2)]).to.be.lessThan(0.25);
  });

  for (const version of SUPPORTED) {
    it(`are not caused by polling the state of the log, on ${version}`, async () => {
      const running = new App("sqlite").start("log-left.cjs", {
        args: ["node-sqlite"],
        node: nodeOf(version),
        flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
        env: { OTEL_METRICS_EXPORTER: "prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_LOG_LEVEL: "info" },
      });
      const [, url] = await running.says(/metrics on (\S+)/);
      await running.says(/filled/);
      const page = await scrape(url!);
      running.process.stdin!.end();
      const [isUntouched, size] = (await running.ended).stdout.trim().split("\n").at(-1)!.split(" ");
      expect(isUntouched).to.equal("true");
      const lag = select(page, "storage_wal_checkpoint_lag_bytes").map(({ value }) => value);
      // Each page of the log has a header of 24 bytes, and the log one of 32.
      const pages = (Number(size) - 32) / (4096 + 24);
      expect(lag).to.deep.equal(version === "22.15.0" ? [] : [pages * 4096]);
    });
  }
});
