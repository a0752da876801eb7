import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { boards } from "../../collector-config/definitions/index.ts";
import type { Backends } from "../../collector-config/stack/backends.ts";
import { Dictionary } from "../../collector-config/stack/dictionary.ts";
import { countSpans, findTraces, type StoredSpan, type StoredTrace } from "../../collector-config/stack/jaeger.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { query } from "../../collector-config/stack/prometheus.ts";
import { Connection } from "../../examples/dictionary/client/connection.ts";
import { Vocabulary } from "../../examples/dictionary/client/vocabulary.ts";
import { drive } from "../../examples/dictionary/client.ts";
import { narrowed, panelQueries } from "../../collector-config/generate/dashboards.ts";
import { monitoringVocabulary } from "../../collector-config/generate/index.ts";
import { loadRegistry } from "../../semconv/resolve.ts";
import { App, ROOT, type RunningApp } from "../helpers/app.ts";
import { eventually, startBackends } from "../helpers/backends.ts";
import { withValues } from "../helpers/dashboards.ts";
import { otlpTo } from "../helpers/receiver.ts";
import { readPage, select, total, type Page } from "../helpers/scrape.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** Requests answered: enough for a point in every panel. */
const REQUESTS = 1_500;

/** What takes minutes in production takes seconds here. */
const IMPATIENT: Readonly<Record<string, (text: string) => string>> = {
  "prometheus/prometheus.yaml": (text) => text.replaceAll("_interval: 15s", "_interval: 1s"),
  "prometheus/rules/alerts.yaml": (text) =>
    text.replace(/(alert: StorageWalPinned\n[^]*?)\[5m\]([^]*?)for: 5m/, "$1[3s]$2for: 2s"),
};

interface Notification {
  readonly status: string;
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

/** What a pager or a ticket system would get. */
class Webhook {
  readonly received: { readonly path: string; readonly notification: Notification }[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        this.received.push({ path: request.url!, notification: JSON.parse(body) as Notification });
        response.end();
      });
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Of an alert, with where they were sent. */
  of(alertname: string): (Notification["alerts"][number] & { readonly path: string })[] {
    return this.received.flatMap(({ path, notification }) =>
      notification.alerts
        .filter(({ labels }) => labels["alertname"] === alertname)
        .map((alert) => ({ ...alert, path })),
    );
  }
}

describe("the dictionary with all its backends", () => {
  const webhook = new Webhook();
  let backends: Backends;
  let dictionary: Dictionary;
  let connection: Connection;
  let metrics: string;

  before(async function () {
    const hook = await webhook.listen();
    const metricsPort = await freePort();
    metrics = `http://127.0.0.1:${metricsPort}/metrics`;
    const folder = temporaryFolder();
    backends = await startBackends(this, {
      folder,
      targets: [{ job: "scraped", address: `127.0.0.1:${metricsPort}` }],
      env: { KEEP_PERCENT: "100" },
      edit: (path, text) =>
        path === "prometheus/alertmanager.yaml"
          ? text
              .replaceAll("http://127.0.0.1:5001", hook)
              .replace("group_wait: 30s", "group_wait: 1s")
              .replace("group_interval: 5m", "group_interval: 1s")
          : (IMPATIENT[path]?.(text) ?? text),
    });
    // Pushed as well as scraped, under another name of the job: both ways have to say the same.
    const env = { OTEL_METRICS_EXPORTER: "otlp,prometheus" };
    dictionary = await Dictionary.start({ folder, otlpUrl: backends.otlpUrl, metricsPort, env });
    connection = new Connection(dictionary.url, new AbortController().signal);
    await Promise.all([traffic(), nights()]);
  });
  after(async () => {
    await dictionary?.stop();
    await backends?.stop();
    webhook.close();
  });

  async function traffic(): Promise<void> {
    const vocabulary = new Vocabulary();
    do await drive(connection, vocabulary, 5);
    while (connection.answered < REQUESTS);
  }

  /** A process that cannot send within its last second leaves what it has to the next one of its service. */
  async function nights(): Promise<void> {
    const arrived = async (): Promise<boolean> => {
      const last = 'storage_compaction_last_success_timestamp_seconds{job="dictionary-maintenance"}';
      return (await query(backends.prometheusUrl, last)).length > 0;
    };
    do await dictionary.night();
    while (!(await arrived()));
  }

  const pageOf = async (url: string): Promise<Page> => readPage(await (await fetch(url)).text());

  it("stores every span it sent", async () => {
    expect(connection.failed).to.equal(0);
    const sent = await eventually(
      20,
      async () => {
        const page = await pageOf(metrics);
        return {
          ended: total(page, "otel_sdk_processor_span_processed_total"),
          sent: total(page, "otel_sdk_exporter_span_exported_total"),
          lost: select(page, "otel_sdk_exporter_span_exported_total").filter(
            ({ labels, value }) => "error_type" in labels && value > 0,
          ),
        };
      },
      (counts) => {
        expect(counts.lost).to.deep.equal([]);
        expect(counts.sent).to.equal(counts.ended);
      },
    );
    expect(sent.sent).to.be.above(1_000);
    await eventually(
      60,
      () => countSpans(backends.jaegerUrl, "dictionary"),
      (count) => expect(count).to.equal(sent.sent),
    );
  });

  it("passes every span on from one Collector to the next", async () => {
    const spans = async (name: "agent" | "gateway" | "sampler"): Promise<unknown> => {
      const page = await pageOf(backends.metricsUrl(name));
      return {
        accepted: total(page, "otelcol_receiver_accepted_spans_total"),
        sent: total(page, "otelcol_exporter_sent_spans_total"),
        refused: total(page, "otelcol_receiver_refused_spans_total"),
        waits: total(page, "otelcol_exporter_queue_size", { data_type: "traces" }),
      };
    };
    const agent = (await spans("agent")) as { accepted: number };
    const expected = { accepted: agent.accepted, sent: agent.accepted, refused: 0, waits: 0 };
    for (const name of ["agent", "gateway", "sampler"] as const) {
      await eventually(
        20,
        () => spans(name),
        (counts) => expect(counts, name).to.deep.equal(expected),
      );
    }
  });

  it("shows a request with its transaction, and the checkpoint its commit ran, as one trace", async () => {
    const body = JSON.stringify({ text: "a note" });
    const annotate = (_: unknown, entry: number): Promise<void> =>
      connection.send({ method: "PUT", path: `/entries/${entry + 1}/note`, body });
    const isOfRequest = ({ spans }: StoredTrace): boolean =>
      spans.some(({ operationName }) => operationName.startsWith("PUT"));
    const ask = async (): Promise<StoredTrace[]> => {
      await Promise.all(Array.from({ length: 100 }, annotate));
      return (await findTraces(backends.jaegerUrl, "dictionary", "checkpoint dictionary")).filter(isOfRequest);
    };
    const [found] = await eventually(60, ask, (traces) => expect(traces).not.to.have.length(0));
    const { spans } = found!;
    const parentOf = ({ references }: StoredSpan): StoredSpan | undefined =>
      spans.find(({ spanID }) =>
        references.some((reference) => reference.refType === "CHILD_OF" && reference.spanID === spanID),
      );
    const tag = ({ tags }: StoredSpan, name: string): unknown => tags.find(({ key }) => key === name)?.value;

    const checkpoint = spans.find(({ operationName }) => operationName === "checkpoint dictionary")!;
    const way: string[] = [];
    for (let span: StoredSpan | undefined = checkpoint; span !== undefined; span = parentOf(span))
      way.unshift(span.operationName);
    expect(way[0]).to.match(/^PUT/);
    expect(spans.map(({ operationName }) => operationName)).to.include("transaction dictionary");
    expect(tag(checkpoint, "storage.checkpoint.trigger")).to.equal("auto");
    expect(tag(checkpoint, "db.namespace")).to.equal("dictionary");

    const response = await fetch(`${backends.jaegerUrl}/api/v3/traces/${found!.traceID}`);
    const text = await response.text();
    expect(text).to.contain("storage.checkpoint.trigger").and.to.contain("storage.rollup.operations");
  });

  it("keeps an incoming trace id", async () => {
    const traceId = randomBytes(16).toString("hex");
    const traceparent = `00-${traceId}-${randomBytes(8).toString("hex")}-01`;
    await (await fetch(`${dictionary.url}/words/water`, { headers: { traceparent } })).arrayBuffer();
    await eventually(
      20,
      async () =>
        (await fetch(`${backends.jaegerUrl}/api/traces/${traceId}`)).json() as Promise<{
          data: { traceID: string }[] | null;
        }>,
      ({ data }) => expect(data?.map(({ traceID }) => traceID)).to.deep.equal([traceId]),
    );
  });

  it("has the same values in scraped and pushed metrics", async () => {
    // Who scrapes or pushes changes what it counts of itself; HTTP counts this very scrape.
    const names =
      '{__name__=~"storage_(operation|transaction|lock|checkpoint|wal|search|space|snapshot|compaction|reclaim)_.+|db_client_.+"';
    const series = async (job: string): Promise<Record<string, number>> => {
      const samples = await query(backends.prometheusUrl, `${names},job="${job}",__name__!~".+age_seconds"}`);
      // Whose it is differs; nothing else may.
      const rest = (metric: Readonly<Record<string, string>>): string =>
        JSON.stringify(Object.entries(metric).filter(([label]) => label !== "job" && label !== "instance"));
      return Object.fromEntries(samples.map(({ metric, value }) => [rest(metric), value]));
    };
    await eventually(
      30,
      async () => [await series("scraped"), await series("dictionary")] as const,
      ([scraped, pushed]) => {
        expect(Object.keys(scraped)).to.have.length.above(200);
        expect(pushed).to.deep.equal(scraped);
      },
    );
  });

  it("has exemplars, each from the trace of a request", async () => {
    const now = Date.now() / 1000;
    const parameters = new URLSearchParams({
      query: "storage_transaction_duration_seconds_bucket",
      start: String(now - 600),
      end: String(now),
    });
    const response = await fetch(`${backends.prometheusUrl}/api/v1/query_exemplars?${parameters.toString()}`);
    const { data } = (await response.json()) as { data: { exemplars: { labels: { trace_id: string } }[] }[] };
    const [id] = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
    expect(id).to.match(/^[0-9a-f]{32}$/);
    const trace = await fetch(`${backends.jaegerUrl}/api/traces/${id!}`);
    expect(trace.status).to.equal(200);
  });

  it("derives metrics from all spans, before sampling", async () => {
    await eventually(
      20,
      () =>
        query(
          backends.prometheusUrl,
          'sum(traces_span_metrics_calls_total{service_name="dictionary",span_kind="SPAN_KIND_SERVER"}) by (gateway)',
        ),
      (samples) => {
        expect(samples.map(({ metric }) => metric)).to.deep.equal([{ gateway: "gateway-1" }]);
        expect(samples[0]!.value).to.be.at.least(connection.answered);
      },
    );
  });

  it("stores its findings with their traces in the file of log records", () => {
    const records = readFileSync(backends.logFile, "utf8").trim().split("\n");
    expect(records.join("")).to.contain("storage.operation.repeated").and.to.contain("code.line.number");
  });

  describe("shows something in each panel of", () => {
    const vocabulary = monitoringVocabulary(loadRegistry(join(ROOT, "semconv/registry")));
    for (const { title, rows } of boards) {
      it(title, async () => {
        const panels = rows.flatMap((row) => row.panels).filter(({ example }) => example === undefined);
        for (const panel of panels) {
          for (const asked of panelQueries(panel, vocabulary).map((each) => withValues(narrowed(each), "5m"))) {
            await eventually(
              20,
              () => query(backends.prometheusUrl, asked),
              (samples) => {
                expect(
                  samples.filter(({ value }) => !Number.isNaN(value)),
                  `${panel.title}: ${asked}`,
                ).not.to.have.length(0);
              },
            );
          }
        }
      });
    }
  });

  it("has every rule evaluated without a mistake", async () => {
    const response = await fetch(`${backends.prometheusUrl}/api/v1/rules`);
    const { data } = (await response.json()) as {
      data: { groups: { rules: { name: string; health: string; lastError?: string }[] }[] };
    };
    const rules = data.groups.flatMap((group) => group.rules);
    expect(rules).to.have.length.above(50);
    expect(rules.filter(({ health }) => health !== "ok")).to.deep.equal([]);
  });

  describe("and a reader that pins a WAL", () => {
    let app: RunningApp;
    before(async () => {
      app = new App("sqlite").start("pinning.cjs", {
        env: {
          ...otlpTo(backends.otlpUrl),
          OTEL_SERVICE_NAME: "pinning",
          OTEL_METRIC_EXPORT_INTERVAL: "500",
          STRATASCOPE_LONG_OPEN_MS: "500",
        },
      });
      await app.says(/^pinned$/m);
    });
    after(async () => {
      app?.process.stdin!.end();
      await app?.ended;
    });

    it("is sent to the webhook, with its labels and its runbook", async () => {
      const [alert] = await eventually(
        40,
        async () => webhook.of("StorageWalPinned"),
        (alerts) => expect(alerts).not.to.have.length(0),
      );
      expect(alert!.path).to.equal("/ticket");
      expect(alert!.labels).to.include({
        job: "pinning",
        db_namespace: "pinned",
        db_system_name: "sqlite",
        severity: "warning",
      });
      expect(alert!.annotations["summary"]).to.match(/^\d\d\.\d+MiB of the WAL of pinned cannot be checkpointed\.$/);
      expect(alert!.annotations["runbook_url"]).to.match(/\/StorageWalPinned$/);
    });

    it("is sent to the webhook as resolved when it is over", async () => {
      app.process.stdin!.write("\n");
      await app.says(/^released$/m);
      await eventually(
        40,
        async () => webhook.of("StorageWalPinned").map(({ status }) => status),
        (statuses) => expect(statuses.at(-1)).to.equal("resolved"),
      );
    });
  });
});
