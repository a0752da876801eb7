import { request } from "node:http";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { App, type RunningApp } from "../helpers/app.ts";
import { receiving, type ReceivedMetric, type ReceivedSpan } from "../helpers/receiver.ts";
import { scrape, total } from "../helpers/scrape.ts";

/** The same service, by each way to load the module. */
const SERVICES = ["service.cjs", "service.mjs", "prefixless.mjs"];

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const CALLER = "b7ad6b7169203331";

/** Asks a service as a caller that is not instrumented would; @returns the headers the last service got. */
function ask(url: string, headers: Record<string, string> = {}): Promise<Record<string, string>> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve(JSON.parse(text) as Record<string, string>));
    });
    call.on("error", reject).end();
  });
}

const requests = (metric: ReceivedMetric | undefined): number =>
  (metric?.points ?? []).reduce((sum, { count }) => sum + Number(count), 0);

describe("HTTP", () => {
  const app = new App("http-services");
  const receiver = receiving();
  const running: RunningApp[] = [];

  /** Starts a service. @returns where it serves */
  async function serve(file: string, name: string, options: { next?: string; env?: Record<string, string> } = {}) {
    const env = { ...receiver.env, OTEL_SERVICE_NAME: name, ...options.env };
    const service = app.start(file, { env, args: options.next === undefined ? [] : [options.next] });
    running.push(service);
    const [, url] = await service.says(/serves (\S+)\n/);
    return { url: url!, service };
  }

  /** Ends every service; what they had to send has arrived. */
  async function stop(): Promise<void> {
    for (const each of await Promise.all(running.splice(0).map((service) => service.stop()))) {
      expect(each).to.include({ signal: "SIGTERM", stderr: "" });
    }
  }
  afterEach(() => {
    for (const { process } of running.splice(0)) process.kill("SIGKILL");
  });

  const spanOf = (service: string, kind: string): ReceivedSpan => {
    const spans = receiver.spans.filter(
      (span) => span.resource["service.name"] === service && span.kind.endsWith(kind),
    );
    expect(spans, `${service} ${kind}`).to.have.length(1);
    return spans[0]!;
  };

  for (const file of SERVICES) {
    it(`carries trace and baggage from process to process: ${file}`, async () => {
      const back = await serve(file, "back");
      const front = await serve(file, "front", { next: back.url });
      const headers = await ask(front.url, { traceparent: `00-${TRACE}-${CALLER}-01`, baggage: "tenant=7" });
      await stop();

      const [received, sent, arrived] = [
        spanOf("front", "SERVER"),
        spanOf("front", "CLIENT"),
        spanOf("back", "SERVER"),
      ];
      expect(receiver.spans).to.have.length(3);
      for (const { traceId } of receiver.spans) expect(traceId).to.equal(TRACE);
      expect(received.parentSpanId).to.equal(CALLER);
      expect(sent.parentSpanId).to.equal(received.spanId);
      expect(arrived.parentSpanId).to.equal(sent.spanId);
      expect(headers).to.include({ traceparent: `00-${TRACE}-${sent.spanId}-01`, baggage: "tenant=7" });
    });
  }

  it("records nothing of an unsampled trace, and neither does the next service", async () => {
    const back = await serve("service.cjs", "back");
    const front = await serve("service.cjs", "front", { next: back.url });
    const headers = await ask(front.url, { traceparent: `00-${TRACE}-${CALLER}-00` });
    await stop();
    expect(receiver.spans).to.deep.equal([]);
    expect(headers["traceparent"]).to.match(new RegExp(`^00-${TRACE}-[\\da-f]{16}-00$`));
  });

  it("passes a trace on without spans, and counts the requests", async () => {
    const back = await serve("service.cjs", "back");
    const front = await serve("service.cjs", "front", { next: back.url, env: { OTEL_TRACES_EXPORTER: "none" } });
    const sent = { traceparent: `00-${TRACE}-${CALLER}-01` };
    expect(await ask(front.url, sent)).to.include(sent);
    await stop();
    expect(receiver.spans.map(({ parentSpanId }) => parentSpanId)).to.deep.equal([CALLER]);
    expect(requests(receiver.latest.get("http.server.request.duration"))).to.equal(1);
  });

  it("uses a provider that the application registers later for all further requests", async () => {
    const { stdout, stderr } = await app.run("own-provider.cjs", { env: { OTEL_TRACES_EXPORTER: "none" } });
    expect({ stdout, stderr }).to.deep.equal({ stdout: "nothing,/after\n", stderr: "" });
  });

  it("lets a server handle messages that the application created", async () => {
    const { code, stderr } = await app.run("handmade.cjs", { env: receiver.env });
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    expect(receiver.spans.map(({ kind }) => kind.replace("SPAN_KIND_", "")).sort()).to.deep.equal([
      "CLIENT",
      "SERVER",
      "SERVER",
    ]);
  });

  it("counts each request once, and neither scrapes nor its own exports", async () => {
    const REQUESTS = 25;
    const often = {
      OTEL_METRICS_EXPORTER: "otlp,prometheus",
      OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      OTEL_LOG_LEVEL: "info",
      OTEL_BSP_SCHEDULE_DELAY: "1",
      OTEL_METRIC_EXPORT_INTERVAL: "20",
    };
    const back = await serve("service.cjs", "back");
    const front = await serve("service.cjs", "front", { next: back.url, env: often });
    const [, metrics] = await front.service.says(/metrics on (\S+)/);
    const exports: number[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      await ask(`${front.url}orders`);
      await scrape(metrics!);
      exports.push(receiver.contentTypes.length);
    }
    const page = await scrape(metrics!);
    running.splice(running.indexOf(front.service), 1);
    await front.service.stop();

    // There were exports between the requests.
    expect(exports.at(-1)).to.be.greaterThan(exports[0]!);
    const kinds = receiver.spans.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind.endsWith("SERVER"))).to.have.length(REQUESTS);
    expect(kinds.filter((kind) => kind.endsWith("CLIENT"))).to.have.length(REQUESTS);
    expect(kinds).to.have.length(2 * REQUESTS);
    for (const { attributes } of receiver.spans) expect(attributes).to.include({ "http.request.method": "GET" });
    for (const side of ["server", "client"]) {
      expect(total(page, `http_${side}_request_duration_seconds_count`), side).to.equal(REQUESTS);
      expect(requests(receiver.latest.get(`http.${side}.request.duration`)), side).to.equal(REQUESTS);
    }
  });

  it("does not observe HTTP if that is disabled", async () => {
    const back = await serve("service.cjs", "back", { env: { STRATASCOPE_HTTP: "off" } });
    const headers = await ask(back.url, { traceparent: `00-${TRACE}-${CALLER}-01` });
    await stop();
    expect(headers["traceparent"]).to.equal(`00-${TRACE}-${CALLER}-01`);
    expect(receiver.spans).to.deep.equal([]);
    expect(receiver.latest.has("http.server.request.duration")).to.equal(false);
  });
});
