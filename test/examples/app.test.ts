import { join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { App, ROOT, type Ended, type RunningApp } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { Receiver, type ReceivedSpan } from "../helpers/receiver.ts";
import { scrape, select, total, type Page } from "../helpers/scrape.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const APP = join(ROOT, "examples/engine/app.ts");

/** What occurs once the service has used itself for some seconds: samples that are above 0 at the same time. */
const OCCURS: readonly (readonly [name: string, labels: Readonly<Record<string, string>>])[] = [
  ["storage_level_file_count", { storage_level_number: "1" }],
  ["storage_level_size_bytes", { storage_level_number: "1" }],
  ["storage_wal_size_bytes", {}],
  ["storage_memory_usage_bytes", { storage_memory_component: "memtable" }],
  ["storage_space_usage_bytes", { storage_file_type: "value_log" }],
  ["storage_branch_count", {}],
  ["storage_flush_duration_seconds_count", { storage_flush_reason: "memtable_full" }],
  ["storage_compaction_duration_seconds_count", { storage_compaction_reason: "level_files" }],
  ["storage_compaction_duration_seconds_count", { storage_compaction_reason: "manual" }],
  ["storage_write_stall_duration_seconds_count", { storage_stall_reason: "memtable_limit" }],
  ["storage_transaction_duration_seconds_count", { storage_transaction_outcome: "commit" }],
  ["storage_transaction_conflicts_total", { storage_conflict_reason: "serialization" }],
  ["storage_snapshot_held_total", { db_operation_name: "snapshot" }],
  ["storage_search_duration_seconds_count", { storage_search_type: "prefix" }],
];

const REEF = { db_system_name: "tidepool", db_namespace: "reef" };

describe("the service over the example engine, with its demo", () => {
  const receiver = new Receiver();
  let app: RunningApp;
  let page: Page;
  let ended: Ended;
  const spans = (name: string): ReceivedSpan[] => receiver.spans.filter((span) => span.name === name);
  const missing = (): typeof OCCURS =>
    OCCURS.filter(([name, labels]) => total(page, name, { ...REEF, ...labels }) <= 0);

  before(async () => {
    await receiver.start();
    app = new App({}).start(APP, {
      args: [join(temporaryFolder(), "reef"), "--demo"],
      env: {
        ...receiver.env,
        OTEL_METRICS_EXPORTER: "otlp,prometheus",
        OTEL_EXPORTER_PROMETHEUS_PORT: "0",
        OTEL_LOG_LEVEL: "info",
        OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json",
      },
    });
    const [, url] = await app.says(/metrics on (\S+)/);
    await eventually(async () => (page = await scrape(url!)) && missing().length === 0, { every: 200 });
    ended = await app.stop();
  });
  after(() => receiver.close());

  it("shows the levels, the log, the stalls and the branches of its database on /metrics", () => {
    expect(missing()).to.deep.equal([]);
    const levels = select(page, "storage_level_file_count", REEF).map(({ labels }) => labels["storage_level_number"]);
    expect(levels).to.deep.equal(["0", "1", "2", "3", "4"]);
    // `draft` stays, `trial` comes and goes.
    expect(total(page, "storage_branch_count", REEF)).to.be.within(1, 2);
    expect(total(page, "storage_space_usage_bytes", { ...REEF, storage_file_type: "table" })).to.equal(
      total(page, "storage_level_size_bytes", REEF),
    );
    const puts = { ...REEF, db_query_summary: "put" };
    expect(total(page, "db_client_operation_duration_seconds_count", puts)).to.equal(
      total(page, "storage_operation_records_total", puts),
    );
  });

  it("has background work as roots of traces, linked to the writes that caused it", () => {
    for (const name of ["flush reef", "compaction reef"]) {
      const all = spans(name);
      expect(all, name).to.have.length.of.at.least(2);
      for (const { parentSpanId = "" } of all) expect(parentSpanId, name).to.equal("");
    }
    const causes = spans("flush reef").map(({ links }) => links?.[0]?.traceId);
    expect(new Set(causes).size).to.equal(causes.length);
    const requests = new Set(spans("PUT").map(({ traceId }) => traceId));
    expect(causes.some((trace) => requests.has(trace!))).to.equal(true);
  });

  it("has stalls, conflicts and snapshots inside the requests", () => {
    const conflict = spans("transaction reef").find(
      ({ attributes }) => attributes["storage.transaction.outcome"] === "conflict",
    )!;
    for (const { traceId, parentSpanId } of [spans("stall reef")[0]!, spans("snapshot reef")[0]!, conflict])
      expect(receiver.spans.some((span) => span.traceId === traceId && span.spanId === parentSpanId)).to.equal(true);
    const events = receiver.logs.map(({ eventName }) => eventName);
    expect(events).to.include.members(["storage.write.stall", "storage.snapshot.held"]);
  });

  it("leaves nothing open when it ends", () => {
    expect(ended, ended.stderr).to.include({ code: 0 });
    const gauges = ["storage.snapshot.active", "storage.snapshot.oldest_age", "storage.transaction.active"];
    const open = gauges.flatMap((name) => receiver.latest.get(name)?.points ?? []);
    expect(open.filter(({ asInt, asDouble }) => Number(asInt ?? asDouble) !== 0)).to.deep.equal([]);
  });
});
