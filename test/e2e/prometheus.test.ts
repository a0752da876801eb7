import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, type RunningApp } from "../helpers/app.ts";
import { debianProgram } from "../../collector-config/stack/debian.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { eventuallyDefined } from "../helpers/eventually.ts";
import { scrape } from "../helpers/scrape.ts";
import { temporaryFolder } from "../helpers/temp.ts";
import { COUNTS } from "../helpers/dictionary.ts";

const promtool = debianProgram("promtool");
const prometheus = debianProgram("prometheus");

const scrapeConfig = (target: string): string =>
  JSON.stringify({
    global: { scrape_interval: "1s" },
    scrape_configs: [{ job_name: "app", static_configs: [{ targets: [target] }] }],
  });

describe("Prometheus", () => {
  let app: RunningApp;
  let metrics: URL;
  let server: ChildProcess | undefined;
  let api: string;

  before(async function () {
    if (promtool === undefined || prometheus === undefined) {
      console.log("      not run: there is neither promtool on the PATH nor a Debian to fetch it from");
      this.skip();
    }
    app = new App("dictionary").start("service.cjs", {
      env: {
        OTEL_TRACES_EXPORTER: "console",
        OTEL_METRICS_EXPORTER: "prometheus",
        OTEL_EXPORTER_PROMETHEUS_PORT: "0",
        OTEL_LOG_LEVEL: "info",
      },
    });
    metrics = new URL((await app.says(/metrics on (\S+)/))[1]!);
    await app.says(/^done$/m);

    const folder = temporaryFolder();
    mkdirSync(join(folder, "data"));
    writeFileSync(join(folder, "prometheus.yml"), scrapeConfig(metrics.host));
    const address = `127.0.0.1:${await freePort()}`;
    api = `http://${address}/api/v1`;
    server = spawn(
      prometheus,
      [
        `--config.file=${join(folder, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=${address}`,
        "--enable-feature=exemplar-storage",
      ],
      { stdio: "ignore" },
    );
  });
  after(async () => {
    server?.kill("SIGKILL");
    app?.process.stdin!.end();
    await app?.ended;
  });

  async function query<T>(path: string, parameters: Record<string, string>): Promise<T[]> {
    const response = await fetch(`${api}/${path}?${new URLSearchParams(parameters).toString()}`);
    const { data } = (await response.json()) as { data: { result: T[] } | T[] };
    return Array.isArray(data) ? data : data.result;
  }

  /** Asks again until there is an answer: a scrape takes a moment to come round. */
  function answer<T>(path: string, parameters: Record<string, string>): Promise<T[]> {
    const ask = async (): Promise<T[] | undefined> => {
      const result = await query<T>(path, parameters).catch(() => []);
      return result.length > 0 ? result : undefined;
    };
    return eventuallyDefined(ask, { every: 200 });
  }

  it("accepts the text", async () => {
    const { text } = await scrape(metrics.href);
    expect(
      execFileSync(promtool!, ["check", "metrics"], {
        input: text,
        encoding: "utf8",
        stdio: ["pipe", "pipe", "inherit"],
      }),
    ).to.equal("");
  });

  it("scrapes every count", async () => {
    const expression = "sum by (db_query_summary) (db_client_operation_duration_seconds_count)";
    const result = await answer<{ metric: { db_query_summary: string }; value: [number, string] }>("query", {
      query: expression,
    });
    const counts = result.map(({ metric, value }) => [metric.db_query_summary, Number(value[1])] as const);
    const expected = Object.entries(COUNTS).map(([summary, { runs }]) => [summary, runs] as const);
    expect(new Map(counts)).to.deep.equal(new Map(expected));
  });

  it("sees the target as up, with its resource", async () => {
    const [up] = await answer<{ value: [number, string] }>("query", { query: "up" });
    expect(up!.value[1]).to.equal("1");
    const [target] = await answer<{ metric: Record<string, string> }>("query", { query: "target_info" });
    expect(target!.metric).to.include({ telemetry_distro_name: "stratascope", process_runtime_name: "nodejs" });
  });

  it("keeps units and kinds as metadata", async () => {
    const metadata = async (metric: string): Promise<unknown> => {
      await answer("query", { query: "up" });
      const response = await fetch(`${api}/metadata?metric=${metric}`);
      const { data } = (await response.json()) as { data: Record<string, { type: string; unit: string }[]> };
      return data[metric]?.map(({ type, unit }) => ({ type, unit }));
    };
    expect(await metadata("db_client_operation_duration_seconds")).to.deep.equal([
      { type: "histogram", unit: "seconds" },
    ]);
    expect(await metadata("storage_space_usage_bytes")).to.deep.equal([{ type: "gauge", unit: "bytes" }]);
  });

  it("gives the exemplars back, each with a trace of the service", async () => {
    const now = Date.now() / 1000;
    const found = await answer<{ exemplars: { labels: { trace_id: string }; value: string }[] }>("query_exemplars", {
      query: "db_client_operation_duration_seconds_bucket",
      start: String(now - 600),
      end: String(now + 600),
    });
    const ids = new Set(found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id)));
    expect(ids.size).to.be.within(1, 3);
    for (const id of ids) expect(await app.says(new RegExp(id))).to.have.length(1);
  });
});
