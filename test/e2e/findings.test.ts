import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { Receiver, type ReceivedLog } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";

/** What is bound, written into the text, named in an error, or computed: none of it may be sent. */
const SECRETS = /SECRET_(BOUND|INLINE|ERROR|RESULT)/;

/** Where in the store each is called that is a finding. */
const LINES = { slow: 19, blocking: 22, failing: 26, repeated: 30 };

/** In milliseconds: a busy machine is not to make the short ones long. */
const THRESHOLDS = {
  STRATASCOPE_SLOW_OPERATION_MS: "75",
  STRATASCOPE_BLOCKED_MS: "20",
  STRATASCOPE_SLOW_SPAN_MS: "60000",
  // Binary, the receiver knows no names of events.
  OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json",
};

describe("findings over OTLP", () => {
  const app = new App("findings");
  const receiver = new Receiver();
  before(() => receiver.start());
  after(() => receiver.close());

  async function run(file: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    receiver.clear();
    const running = app.start(file, { env: { ...receiver.env, ...THRESHOLDS, ...env } });
    running.process.stdin!.end();
    expect(await running.ended).to.include({ code: 0, stderr: "" });
  }
  const named = (name: string): ReceivedLog[] => receiver.logs.filter(({ eventName }) => eventName === name);
  const siteOf = ({ attributes }: ReceivedLog): unknown[] =>
    ["code.file.path", "code.line.number", "code.function.name"].map((key) => {
      const value = attributes[key];
      return typeof value === "string" ? value : Number(value);
    });

  for (const [main, file] of Object.entries({
    "main.cjs": "lib/store.cjs",
    "main.mjs": "lib/store.mjs",
    "main.ts": "lib/store.mjs",
  })) {
    describe(`from ${main}`, () => {
      before(() => run(main));

      it("are one event each, with the call site, in the span of the call", () => {
        const [slow, failed] = named("storage.operation.slow");
        const [blocked] = named("storage.eventloop.blocked");
        const request = receiver.spans.find(({ name }) => name === "request")!;
        expect([slow, failed, blocked].map((event) => siteOf(event!))).to.deep.equal([
          [file, LINES.slow, "slow"],
          [file, LINES.failing, "failing"],
          [file, LINES.blocking, "blocking"],
        ]);
        for (const event of [slow, failed, blocked])
          expect(event).to.include({ traceId: request.traceId, spanId: request.spanId });
        expect(failed!.attributes["error.type"]).to.be.a("string");
        expect(receiver.logs).to.have.lengthOf(3 + 10);
      });

      it("count repeated statements exactly, in every span, and report ten of them a minute", () => {
        const counts = (name: string): unknown[] =>
          receiver.spans
            .filter((span) => span.name === name)
            .map(({ attributes }) => attributes["storage.rollup.repeated_count"] ?? 0)
            .map(Number);
        expect([counts("request"), counts("short"), counts("few")]).to.deep.equal([[37], Array(14).fill(12), [0]]);
        const events = named("storage.operation.repeated");
        const told = events.map(({ attributes }) => Number(attributes["storage.rollup.repeated_count"]));
        expect(told).to.deep.equal([37, ...(Array(9).fill(12) as number[])]);
        for (const event of events) expect(siteOf(event)).to.deep.equal([file, LINES.repeated, "repeated"]);
        const [point, ...others] = receiver.latest.get("storage.operation.repeated")!.points;
        expect([Number(point!.asInt), others]).to.deep.equal([15, []]);
      });

      it("contain no value, message or path", () => {
        const sent = JSON.stringify([receiver.logs, receiver.spans, receiver.metrics]);
        expect(sent).to.contain("storage.operation.slow");
        expect(sent.match(SECRETS)).to.equal(null);
        const said = JSON.stringify(receiver.logs);
        expect(said).to.not.contain(app.folder);
      });

      it("match the registry", () => {
        expect(unregisteredEvents(receiver.logs)).to.deep.equal([]);
        expect(unregisteredSpans(receiver.spans.filter(({ scope }) => scope === "stratascope"))).to.deep.equal([]);
        expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
      });
    });
  }

  it("add up to the time for which the event loop was blocked", async () => {
    await run("main.cjs");
    const points = receiver.latest.get("storage.eventloop.blocked_time")!.points;
    const blocked = points.reduce((sum, { asDouble = 0 }) => sum + asDouble, 0);
    const told = receiver.logs.reduce(
      (sum, { attributes }) => sum + ((attributes["storage.operation.blocked_time"] as number | undefined) ?? 0),
      0,
    );
    expect(told).to.be.greaterThan(0.18);
    expect(blocked).to.be.closeTo(told, 1e-9);
  });

  it("are absent if nothing is slow", async () => {
    await run("idle.cjs");
    expect(receiver.logs).to.deep.equal([]);
  });

  it("are not emitted if they are disabled, and still counted without an exporter of logs", async () => {
    const off = {
      STRATASCOPE_SLOW_OPERATION_MS: "0",
      STRATASCOPE_BLOCKED_MS: "0",
      STRATASCOPE_REPEATED_THRESHOLD: "0",
    };
    await run("main.cjs", off);
    expect(receiver.logs).to.deep.equal([]);
    expect(JSON.stringify(receiver.spans)).to.not.contain("repeated_count");
    await run("main.cjs", { OTEL_LOGS_EXPORTER: "none" });
    expect(receiver.logs).to.deep.equal([]);
    const slow = receiver.latest.get("storage.operation.slow")!.points;
    expect(slow.reduce((sum, { asInt }) => sum + Number(asInt), 0)).to.equal(2);
  });
});
