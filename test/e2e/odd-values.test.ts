import { expect } from "chai";
import { describe, it } from "mocha";
import { App } from "../helpers/app.ts";
import { receiving } from "../helpers/receiver.ts";

/** What cannot be sent is left out, and the rest of what it came with is not. */
const GOOD = ["cyclic", "deep", "wide", "getter", "hostile", "revoked", "manyKeys", "bigint", "date", "bytes", "nan"];

/** A worker is asked for what it observes while it runs. */
const OFTEN = { OTEL_METRIC_EXPORT_INTERVAL: "1000", OTEL_METRIC_EXPORT_TIMEOUT: "1000" };

/** Why values are not kept whole. */
const CUT = ["circular", "too_deep", "too_large", "unreadable"];

const isGood = ({ attributes }: { attributes?: Readonly<Record<string, unknown>> }): boolean =>
  attributes?.["good"] === 1;

describe("odd messages and fields that an application gives our loggers", () => {
  it("affect nothing else, and no line has control characters", async () => {
    const { code, stdout, stderr } = await new App("logs").run("odd-fields.cjs");
    expect(stderr).to.equal("");
    expect(code).to.equal(0);
    const lines = stdout.trim().split("\n");
    for (const line of lines) expect(line).to.not.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    const records = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.pop()).to.deep.equal({ told: records.length });
    expect(records.find(({ kept }) => kept === 1)).to.include({ message: "number 20", bad: "[unreadable]" });
  });
});

describe("odd values that an application gives the API of OpenTelemetry", () => {
  const app = new App("sdk");
  const receiver = receiving();

  /** Spans that were left out as there was no room for them, as was told. */
  const dropped = (): number =>
    (receiver.latest.get("otel.sdk.processor.span.processed")?.points ?? [])
      .filter(({ attributes }) => attributes["error.type"] === "queue_full")
      .reduce((sum, { asInt }) => sum + Number(asInt), 0);

  for (const [protocol, thread] of [
    ["http/protobuf", "main"],
    ["http/json", "main"],
    ["http/protobuf", "worker"],
  ] as const)
    it(`fail no call, take no time, and affect nothing else: ${protocol}, ${thread} thread`, async () => {
      const env = { ...receiver.env, OTEL_EXPORTER_OTLP_PROTOCOL: protocol, OTEL_BSP_SCHEDULE_DELAY: "100", ...OFTEN };
      const { code, stdout, stderr } = await app.run("odd-values.cjs", { env, args: [thread] });
      expect(code).to.equal(0);
      expect(JSON.parse(stdout)).to.deep.equal([]);
      for (const line of stderr.split("\n")) expect(line.length).to.be.below(1_000);

      const good = receiver.spans.filter(isGood).map(({ name }) => name);
      const missing = GOOD.flatMap((name) => [`options ${name}`, `span ${name}`]).filter(
        (name) => !good.includes(name),
      );
      // A thread that ends more at once than fits between it and the main thread leaves some of it out, and says so.
      expect(missing.length, String(missing)).to.be.at.most(dropped());
      const records = receiver.logs.filter(isGood);
      expect(records.length).to.be.at.least(GOOD.length);
      for (const name of ["odd.counter", "odd.updown", "odd.histogram", "odd.gauge"])
        expect(receiver.latest.get(name)!.points.length, name).to.be.above(5);
      for (const name of ["odd.observed", "odd.observed.in.batch"])
        expect(receiver.latest.get(name)!.points.map(({ attributes }) => attributes["good"])).to.include.members(GOOD);
      for (const name of GOOD) expect(receiver.latest.get(`odd.of.${name}`)?.points, name).to.have.lengthOf(1);
      const cut = receiver.latest.get("storage.instrumentation.cut_values")!.points;
      expect(cut.map(({ attributes }) => attributes["error.type"])).to.have.members(CUT);
      for (const { attributes = {} } of [...receiver.spans, ...receiver.logs])
        expect(attributes).to.not.have.property("");
      expect(receiver.spans.map(({ name }) => name)).to.include("good");
      expect(receiver.logs.map(({ body }) => body)).to.include("good");
      const sizes = receiver.logs.map((record) => JSON.stringify(record).length);
      expect(Math.max(...sizes)).to.be.below(1_000_000);
    });
});
