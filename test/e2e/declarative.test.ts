import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, type Ended, type RunningApp, UNHURRIED } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { Receiver } from "../helpers/receiver.ts";
import { OPEN_METRICS, scrape, select, total, type Page } from "../helpers/scrape.ts";

describe("a configuration file", () => {
  let receiver: Receiver;
  let text: Page;
  let openMetrics: Page;
  let app: RunningApp;
  let ended: Ended;

  before(async () => {
    receiver = new Receiver();
    await receiver.start();
    const port = await freePort();
    const env = {
      OTEL_CONFIG_FILE: "otel.yaml",
      COLLECTOR: receiver.env["OTEL_EXPORTER_OTLP_ENDPOINT"]!,
      METRICS_PORT: String(port),
      // On a busy machine any statement can be a slow one.
      ...UNHURRIED,
    };
    app = new App("declarative").start("shop.cjs", { env });
    await app.says(/served/);
    const url = `http://127.0.0.1:${port}/metrics`;
    text = await scrape(url);
    openMetrics = await scrape(url, OPEN_METRICS);
    app.process.stdin!.end();
    ended = await app.ended;
  });
  after(() => {
    app.process.kill("SIGKILL");
    return receiver.close();
  });

  it("does not change the outcome of the application", () => {
    expect(ended).to.deep.equal({ code: 0, signal: null, stdout: "served\n", stderr: "" });
  });

  it("has storage metrics in each of its readers, with the same counts", () => {
    const duration = receiver.latest.get("db.client.operation.duration")!;
    const inserts = duration.points.filter(({ attributes }) => attributes["db.operation.name"] === "INSERT");
    expect(inserts.map(({ count }) => Number(count))).to.deep.equal([10]);
    for (const page of [text, openMetrics])
      expect(total(page, "db_client_operation_duration_seconds_count", { db_operation_name: "INSERT" })).to.equal(10);
    const transactions = receiver.latest.get("storage.transaction.duration")!.points;
    const deferred = transactions.filter(({ attributes }) => attributes["storage.transaction.mode"] === "deferred");
    expect(deferred.map(({ count }) => Number(count))).to.deep.equal([1]);
    const mode = { storage_transaction_mode: "deferred" };
    expect(total(text, "storage_transaction_duration_seconds_count", mode)).to.equal(1);
  });

  it("has the metrics of HTTP in each of its readers", () => {
    expect(receiver.latest.get("http.server.request.duration")!.points).to.have.length(1);
    expect(total(text, "http_server_request_duration_seconds_count")).to.equal(1);
  });

  it("serves our text in the requested format", () => {
    expect(text.contentType).to.match(/^text\/plain; version=0\.0\.4/);
    expect(openMetrics.contentType).to.match(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(openMetrics.text.endsWith("# EOF\n")).to.equal(true);
    expect(text.types.get("storage_operation_records_total")).to.equal("counter");
    expect(select(text, "target_info")[0]!.labels).to.include({ service_name: "shop" });
  });

  it("sends the spans of one request as one trace, and none of the scrapes", () => {
    const named = receiver.spans.map(({ name, kind }) => `${kind.replace("SPAN_KIND_", "")} ${name}`).toSorted();
    expect(named).to.deep.equal(["CLIENT GET", "INTERNAL transaction memory", "SERVER GET"]);
    expect(new Set(receiver.spans.map(({ traceId }) => traceId)).size).to.equal(1);
  });

  it("sends log records of either API exactly once", () => {
    const others = receiver.logs.filter(({ scope }) => scope !== "stratascope");
    expect(others.map(({ body }) => String(body)).toSorted()).to.deep.equal(["of api-logs", "of the API"]);
  });

  it("has the resource of the file, with the environment filled in", () => {
    expect(receiver.resource).to.include({ "service.name": "shop", "deployment.environment.name": "production" });
  });

  it("causes one log line if the Collector is down", async () => {
    const env = {
      OTEL_CONFIG_FILE: "otel.yaml",
      COLLECTOR: "http://127.0.0.1:9",
      METRICS_PORT: String(await freePort()),
    };
    const running = new App("declarative").start("shop.cjs", { env });
    running.process.stdin!.end();
    const { stderr, ...outcome } = await running.ended;
    expect(outcome).to.deep.equal({ code: 0, signal: null, stdout: "served\n" });
    expect(stderr).to.match(/^stratascope: .*(could not|cannot) be sent.*\n$/);
  });
});
