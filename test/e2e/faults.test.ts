import { connect } from "node:net";
import { expect } from "chai";
import { afterEach, before, describe, it } from "mocha";
import { App, REGISTER, type RunningApp } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { eventuallyDefined } from "../helpers/eventually.ts";
import { FaultyCollector, type Fault } from "../helpers/faulty-collector.ts";
import { otlpTo, Receiver } from "../helpers/receiver.ts";
import { scrape, select, total, type Page } from "../helpers/scrape.ts";

/** Spans an application ends in a turn, and turns it takes until it says how it goes. */
const SPANS = 20;

/** Bounds small enough to be reached in a second. */
const SMALL = { STRATASCOPE_SPOOL_BYTES: "200000" };

/** Bytes by which what an application holds may grow while it works; what it would keep without bounds is ten times this. */
const GROWTH = 12e6;

const linesOf = (stderr: string): string[] =>
  stderr.split("\n").filter((line) => line !== "" && !line.includes("metrics on"));

describe("during a failure", () => {
  const app = new App("faults");
  const running: RunningApp[] = [];
  let port: number;
  before(async () => {
    port = await freePort();
  });
  afterEach(() => {
    for (const { process } of running.splice(0)) process.kill("SIGKILL");
  });

  interface Busy extends RunningApp {
    readonly page: () => Promise<Page>;
    readonly worked: (turns: number) => Promise<number>;
  }

  /** Starts an application that works, and is scraped beside what it sends. */
  async function start(
    endpoint: string,
    { file = "busy.cjs", flags = [] as string[], args = [] as string[], more = {} as Record<string, string> } = {},
  ): Promise<Busy> {
    const env = {
      ...otlpTo(endpoint),
      ...SMALL,
      SPANS: String(SPANS),
      OTEL_METRICS_EXPORTER: "otlp,prometheus",
      OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
      OTEL_LOG_LEVEL: "info",
      ...more,
    };
    const busy = app.start(file, { args, env, flags: ["--expose-gc", ...flags, "--require", REGISTER] });
    running.push(busy);
    const [, url] = await busy.says(/metrics on (\S+)/);
    return Object.assign(busy, {
      page: () => scrape(url!),
      worked: async (turns: number) => Number((await busy.says(new RegExp(`turn ${turns} (\\d+)\n`)))[1]),
    });
  }

  /** Ends an application that works. */
  async function finish(busy: Busy): Promise<{ turns: number; lines: string[] }> {
    busy.process.stdin!.end();
    const { code, signal, stdout, stderr } = await busy.ended;
    expect({ code, signal }).to.deep.equal({ code: 0, signal: null });
    return { turns: Number(/over (\d+)/.exec(stdout)![1]), lines: linesOf(stderr) };
  }

  const lost = (page: Page, reason: string): number =>
    total(page, "otel_sdk_exporter_span_exported_total", { error_type: reason });

  /** What every fault has to leave as it is. */
  async function expectFlat(busy: Busy): Promise<void> {
    const early = await busy.worked(200);
    expect((await busy.worked(800)) - early).to.be.below(GROWTH);
  }

  const FAULTS: Readonly<Record<string, { readonly fault: Fault; readonly line: RegExp }>> = {
    "answers 503": {
      fault: (response) => response.writeHead(503).end("busy"),
      line: /cannot be sent over OTLP \(it was answered with 503\); new telemetry is kept/,
    },
    "answers 429, and says when to come again": {
      fault: (response) => response.writeHead(429, { "retry-after": "30" }).end(),
      line: /\(it was answered with 429\)/,
    },
    "closes the connection": { fault: (response) => response.destroy(), line: /\(socket hang up\)/ },
    "answers with what is no HTTP": {
      fault: (response) => response.socket!.end("\0\0garbage\r\n\r\n"),
      line: /\(Parse Error/,
    },
  };

  for (const [what, { fault, line }] of Object.entries(FAULTS)) {
    it(`the application continues with bounded memory, one line is logged, and losses are counted: a Collector that ${what}`, async () => {
      const collector = new FaultyCollector(fault);
      await collector.start();
      try {
        const busy = await start(collector.url);
        await expectFlat(busy);
        expect(lost(await busy.page(), "backlog_full")).to.be.above(0);
        const { lines } = await finish(busy);
        expect(lines).to.have.length(1);
        expect(lines[0]).to.match(line);
      } finally {
        await collector.close();
      }
    });
  }

  for (const [what, endpoint, line] of [
    ["a Collector that is down", () => `http://127.0.0.1:${port}`, /ECONNREFUSED/],
    ["a name nobody knows", () => "http://collector.invalid:4318", /ENOTFOUND|EAI_AGAIN/],
  ] as const) {
    it(`the application continues with bounded memory, one line is logged, and losses are counted: ${what}`, async () => {
      const busy = await start(endpoint());
      await expectFlat(busy);
      const page = await busy.page();
      expect(lost(page, "backlog_full")).to.be.above(0);
      const backlog = select(page, "storage_instrumentation_backlog_bytes");
      for (const { value } of backlog) expect(value).to.be.below(Number(SMALL.STRATASCOPE_SPOOL_BYTES) + 1);
      const { lines } = await finish(busy);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(line);
    });
  }

  it("the application continues with bounded memory: a Collector that never answers", async () => {
    const hole = new BlackHole();
    await hole.start();
    try {
      const busy = await start(hole.url, { more: { OTEL_EXPORTER_OTLP_TIMEOUT: "200" } });
      await expectFlat(busy);
      const { lines } = await finish(busy);
      expect(lines[0]).to.match(/no answer within 200 ms/);
      expect(lines.length).to.be.below(3);
    } finally {
      await hole.close();
    }
  });

  it("the application is as fast without a Collector as with one", async () => {
    const turnsIn = async (endpoint: string): Promise<number> => {
      const busy = await start(endpoint);
      await busy.worked(100);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return (await finish(busy)).turns;
    };
    const collector = new FaultyCollector((response) => response.end());
    await collector.start();
    try {
      const up = await turnsIn(collector.url);
      const down = await turnsIn(`http://127.0.0.1:${port}`);
      expect(down / up).to.be.above(0.4);
    } finally {
      await collector.close();
    }
  });

  it("everything arrives or is counted as lost, with one log line, when a Collector comes back", async () => {
    const busy = await start(`http://127.0.0.1:${port}`);
    await busy.worked(300);
    const receiver = new Receiver();
    await receiver.start(port);
    try {
      await busy.says(/sent over OTLP again/);
      const { turns, lines } = await finish(busy);
      expect(lines).to.have.length(2);
      expect(lines[0]).to.match(/cannot be sent/);
      const counted = receiver.latest.get("otel.sdk.exporter.span.exported")!.points;
      const dropped = receiver.latest.get("otel.sdk.processor.span.processed")!.points;
      const sum = (points: typeof counted): number =>
        points
          .filter(({ attributes }) => "error.type" in attributes)
          .reduce((total, { asInt }) => total + Number(asInt), 0);
      const arrived = new Set(receiver.spans.map(({ spanId }) => spanId)).size;
      expect(sum(counted)).to.be.above(0);
      expect(arrived + sum(counted) + sum(dropped)).to.equal(turns * SPANS);
    } finally {
      await receiver.close();
    }
  });

  it("telemetry that is dropped at the end of a process is counted in its last metrics", async () => {
    const slow = new FaultyCollector((response) => setTimeout(() => response.end(), 300));
    const receiver = new Receiver();
    await Promise.all([slow.start(), receiver.start()]);
    try {
      const { code } = await app.run("twice.cjs", {
        env: {
          ...receiver.env,
          OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${slow.url}/v1/traces`,
          STRATASCOPE_SPOOL_BYTES: "1000",
        },
      });
      expect(code).to.equal(0);
      expect(slow.requests.get("/v1/traces")).to.have.length(1);
      const [lost] = receiver.latest
        .get("otel.sdk.exporter.span.exported")!
        .points.filter(({ attributes }) => attributes["error.type"] === "backlog_full");
      expect(Number(lost!.asInt)).to.equal(512);
    } finally {
      await Promise.all([slow.close(), receiver.close()]);
    }
  });

  it("a Collector gets no request for as long as its Retry-After says", async () => {
    let isFirst = true;
    const collector = new FaultyCollector((response) => {
      response.writeHead(isFirst ? 503 : 200, isFirst ? { "retry-after": "2" } : {}).end();
      isFirst = false;
    });
    await collector.start();
    try {
      const busy = await start(collector.url, {
        more: { OTEL_METRICS_EXPORTER: "prometheus", OTEL_LOGS_EXPORTER: "none", OTEL_BSP_SCHEDULE_DELAY: "10" },
      });
      await busy.says(/sent over OTLP again/);
      await finish(busy);
      const [first, second] = collector.requests.get("/v1/traces")!;
      expect(second! - first!).to.be.at.least(1_990);
    } finally {
      await collector.close();
    }
  });

  it("a slow Collector gets everything", async () => {
    let spans = 0;
    const collector = new FaultyCollector((response, { url }) => {
      if (url === "/v1/traces") spans++;
      setTimeout(() => response.end(), 300);
    });
    await collector.start();
    try {
      const busy = await start(collector.url, { more: { STRATASCOPE_SPOOL_BYTES: "50000000" } });
      await busy.worked(100);
      const page = await busy.page();
      expect(lost(page, "backlog_full")).to.equal(0);
      expect((await finish(busy)).lines.filter((line) => line.includes("cannot be sent"))).to.deep.equal([]);
      expect(spans).to.be.above(0);
    } finally {
      await collector.close();
    }
  });

  it("telemetry that a Collector accepts counts as sent, whatever the response body", async () => {
    for (const fault of [
      (response) => response.end("garbage"),
      (response) => response.writeHead(200, { "content-length": "100" }).write("half", () => response.destroy()),
      (response) => response.writeHead(200, { "content-type": "application/json" }).end(`{"partialSuccess":7}`),
    ] satisfies Fault[]) {
      const collector = new FaultyCollector(fault);
      await collector.start();
      try {
        const busy = await start(collector.url);
        await busy.worked(100);
        const page = await busy.page();
        expect(lost(page, "backlog_full")).to.equal(0);
        expect(total(page, "otel_sdk_exporter_span_exported_total")).to.be.above(0);
        expect((await finish(busy)).lines).to.deep.equal([]);
      } finally {
        await collector.close();
      }
    }
  });

  it("telemetry that a Collector refuses is lost and counted, with one log line", async () => {
    const collector = new FaultyCollector((response) => response.writeHead(404).end("no such page"));
    await collector.start();
    try {
      const busy = await start(collector.url);
      await busy.worked(200);
      expect(lost(await busy.page(), "404")).to.be.above(0);
      const { lines } = await finish(busy);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/answered with 404\); new telemetry is lost/);
    } finally {
      await collector.close();
    }
  });

  it("items that a Collector rejects from a batch are counted, with one log line", async () => {
    const collector = new FaultyCollector((response) =>
      response.end(JSON.stringify({ partialSuccess: { rejectedSpans: "3", errorMessage: "too old" } })),
    );
    await collector.start();
    try {
      const more = { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "http/json", OTEL_LOGS_EXPORTER: "none" };
      const busy = await start(collector.url, { more: { ...more, OTEL_METRICS_EXPORTER: "prometheus" } });
      const rejected = await eventuallyDefined(async () => lost(await busy.page(), "rejected") || undefined);
      expect(rejected % 3).to.equal(0);
      const { lines } = await finish(busy);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/rejected some traces: too old/);
    } finally {
      await collector.close();
    }
  });

  it("a scraper that does not read its pages delays neither others nor the end", async () => {
    const collector = new FaultyCollector((response) => response.end());
    await collector.start();
    try {
      const busy = await start(collector.url);
      const [, host, scraped] = await busy.says(/metrics on http:\/\/([\d.]+):(\d+)/);
      for (let i = 0; i < 5; i++) {
        const socket = connect(Number(scraped), host).on("error", () => {});
        socket.write("GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200));
        socket.pause();
      }
      await expectFlat(busy);
      expect(total(await busy.page(), "app_turns_total")).to.be.above(0);
      await finish(busy);
    } finally {
      await collector.close();
    }
  });

  it("an observable instrument of the application that throws affects no other metric, and causes one log line", async () => {
    const receiver = new Receiver();
    await receiver.start();
    try {
      const busy = await start(receiver.env["OTEL_EXPORTER_OTLP_ENDPOINT"]!, { args: ["throws"] });
      await busy.worked(300);
      expect(total(await busy.page(), "app_turns_total")).to.be.above(0);
      const { turns, lines } = await finish(busy);
      expect(receiver.latest.get("app.turns")!.points[0]!.asDouble).to.equal(turns);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.match(/callback of \S+ failed with Error/);
    } finally {
      await receiver.close();
    }
  });

  it("ten thousand values of a label stay within the cardinality limit, and counts stay exact", async () => {
    const busy = await start(`http://127.0.0.1:${port}`, {
      file: "values.cjs",
      // All are timed: a duration that stands for others has a series of its own.
      more: { OTEL_METRICS_EXPORTER: "prometheus", STRATASCOPE_TIMING_PERCENT: "0" },
    });
    await busy.says(/done/);
    const page = await busy.page();
    const name = "db_client_operation_duration_seconds_count";
    expect(select(page, name)).to.have.length(2000);
    // Of each table, its creation, a preparation and a run.
    expect(total(page, name)).to.equal(30_000);
    // Of the 1999 series of their own, creations and preparations have 10,000 runs each, and each of the others has one.
    const overflow = select(page, name, { otel_metric_overflow: "true" });
    expect(overflow.map(({ value }) => value)).to.deep.equal([30_000 - 20_000 - 1997]);
    busy.process.stdin!.end();
    await busy.ended;
  });

  it("a wall clock that jumps changes no duration, and delays no export", async () => {
    const busy = await start(`http://127.0.0.1:${port}`, { flags: ["--require", "./clock.cjs"] });
    await busy.worked(300);
    const receiver = new Receiver();
    await receiver.start(port);
    try {
      await busy.says(/sent over OTLP again/);
      await finish(busy);
      expect(receiver.spans.length).to.be.above(0);
      for (const { startTimeUnixNano, endTimeUnixNano } of receiver.spans) {
        const nanoseconds = Number(BigInt(endTimeUnixNano) - BigInt(startTimeUnixNano));
        expect(nanoseconds).to.be.within(0, 60e9);
      }
    } finally {
      await receiver.close();
    }
  });
});
