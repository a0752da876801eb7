import { isDeepStrictEqual } from "node:util";
import * as worker_threads from "node:worker_threads";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { App, REGISTER, UNHURRIED, type Ended, type RunningApp, type RunOptions } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving, type ReceivedPoint } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";
import { scrape, select, total, type Page } from "../helpers/scrape.ts";

/** The pool of `test/apps/pool`, whose threads evaluate what they are sent. */
class Pool {
  readonly running: RunningApp;
  #asked = 0;

  constructor(app: App, options: RunOptions) {
    this.running = app.start("main.cjs", options);
  }

  /** Has the main thread evaluate something. */
  async ask<T = unknown>(code: string): Promise<T> {
    const number = ++this.#asked;
    this.running.process.stdin!.write(`${number} ${code.replaceAll("\n", " ")}\n`);
    const [, answer] = await this.running.says(new RegExp(`^answer ${number} (.*)$`, "m"));
    return JSON.parse(answer!) as T;
  }

  start(name: string, run: string, data: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    return this.ask(`start(${JSON.stringify(name)}, ${JSON.stringify({ data: { run, ...data } })})`);
  }

  /** Has a worker evaluate something. */
  evaluate(name: string, code: string): Promise<unknown> {
    return this.ask(`evaluate(${JSON.stringify(name)}, ${JSON.stringify(code)})`);
  }

  async page(): Promise<Page> {
    const [, url] = await this.running.says(/metrics on (\S+)/);
    return scrape(url!);
  }

  async end(): Promise<Ended> {
    this.running.process.stdin!.end();
    return this.running.ended;
  }
}

const SCRAPED = {
  OTEL_METRICS_EXPORTER: "otlp,prometheus",
  OTEL_EXPORTER_PROMETHEUS_PORT: "0",
  OTEL_LOG_LEVEL: "info",
};

const counted = (page: Page, summary = "SELECT"): number =>
  total(page, "db_client_operation_duration_seconds_count", { db_query_summary: summary });

describe("workers", () => {
  const app = new App("pool");
  const receiver = receiving();
  const pools: Pool[] = [];
  afterEach(() => {
    for (const { running } of pools.splice(0)) running.process.kill("SIGKILL");
  });

  function pool(options: RunOptions = {}): Pool {
    const env = { ...receiver.env, ...SCRAPED, ...UNHURRIED, ...options.env };
    const started = new Pool(app, { ...options, env });
    pools.push(started);
    return started;
  }

  /** What was pushed of a metric, by the attributes that make the difference. */
  const pushed = (name: string): readonly ReceivedPoint[] => receiver.latest.get(name)?.points ?? [];
  const pushedCount = (): number =>
    pushed("db.client.operation.duration")
      .filter(({ attributes }) => attributes["db.query.summary"] === "SELECT")
      .reduce((sum, { count }) => sum + Number(count), 0);

  for (const version of SUPPORTED) {
    it(`count into the metrics of the main thread, whichever thread starts them and however they end, on Node.js ${version}`, async () => {
      const running = pool({ node: nodeOf(version) });
      await running.ask("work(1)");
      await running.start("ending", "work(10)");
      await running.start("exiting", "work(100)");
      await running.start(
        "nesting",
        `work(1000);
        globalThis.nested = new Worker("./worker.cjs", { workerData: { run: "work(10000)" } });
        globalThis.isReady = new Promise((resolve) => nested.once("message", resolve));`,
      );
      await running.evaluate("nesting", "isReady");
      expect(counted(await running.page())).to.equal(11_111);
      await running.ask(`startForever("stuck").then((progress) => (globalThis.progress = progress))`);
      await running.ask(`workers.ending.postMessage("parentPort.close()"), ended("ending")`);
      await running.ask(`workers.exiting.postMessage("process.exit(3)"), ended("exiting")`);
      await running.ask(`workers.nesting.terminate()`);
      const stuck = await running.ask<number>(`workers.stuck.terminate().then(() => progress[0])`);
      const page = await running.page();
      // It was stopped anywhere: perhaps after a call, and before it noted it.
      expect(counted(page) - 11_111).to.be.within(stuck, stuck + 1);
      const last = select(page, "db_client_operation_duration_seconds_bucket", {
        db_query_summary: "SELECT",
        le: "+Inf",
      });
      expect(last.map(({ value }) => value)).to.deep.equal([counted(page)]);

      expect(await running.end()).to.include({ code: 0 });
      expect(pushedCount()).to.equal(counted(page));
      expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
    });
  }

  it("look unchanged to themselves and to the main thread", async () => {
    for (const version of SUPPORTED) {
      const node = nodeOf(version);
      const [bare, ours] = [
        await app.run("seen.cjs", { node, flags: [] }),
        await app.run("seen.cjs", { node, env: { ...receiver.env } }),
      ];
      const lines = ({ stdout }: Ended): string[] => stdout.split("\n").toSorted();
      expect(lines(ours)).to.deep.equal(lines(bare));
      expect(ours).to.include({ code: bare.code, stderr: bare.stderr });
      expect(lines(bare)).to.have.length(7);
    }
  });

  it("count from one push to the next if the temporality is delta", async () => {
    const running = pool({
      env: { OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: "delta", OTEL_METRIC_EXPORT_INTERVAL: "100" },
    });
    const sum = (): number =>
      receiver.metrics
        .filter(({ name }) => name === "db.client.operation.duration")
        .flatMap(({ points }) => points)
        .filter(({ attributes }) => attributes["db.query.summary"] === "SELECT")
        .reduce((total, { count }) => total + Number(count), 0);
    await running.start("first", "work(10)");
    await eventually(() => sum() >= 10);
    await running.evaluate("first", "work(100)");
    await running.ask("workers.first.terminate()");
    await eventually(() => sum() >= 110);
    await running.start("second", "work(1000)");
    await running.ask("work(10000)");
    await running.end();
    expect(sum()).to.equal(11_110);
  });

  it("that do not respond do not delay the end, and known values are sent", async () => {
    const running = pool();
    await running.ask("work(10)");
    await running.start("stuck", `parentPort.postMessage("ready"); for (;;) work(1);`);
    await running.ask(`workers.stuck.unref(); workers.stuck.terminate = () => {}; 0`);
    const { code, stderr } = await running.end();
    expect(code).to.equal(0);
    expect(stderr).to.not.match(/could not be sent/);
    expect(pushedCount()).to.be.at.least(10);
  });

  it("show their open transactions and snapshots until they have ended", async () => {
    const running = pool();
    const state = async (): Promise<unknown[]> => {
      const page = await running.page();
      const ages = ["storage_transaction_oldest_age_seconds", "storage_snapshot_oldest_age_seconds"];
      return [
        total(page, "storage_transaction_active"),
        total(page, "storage_snapshot_active"),
        ...ages.map((name) => Math.max(...select(page, name).map(({ value }) => value)) > 0),
      ];
    };
    // A worker that does not answer in time shows what it polled before.
    const becomes = async (expected: unknown[]): Promise<void> => {
      let found = await state();
      for (let i = 0; i < 20 && !isDeepStrictEqual(found, expected); i++) found = await state();
      expect(found).to.deep.equal(expected);
    };
    await running.ask(`db.exec("BEGIN IMMEDIATE")`);
    for (const name of ["one", "two"]) await running.start(name, `db.exec("BEGIN IMMEDIATE")`);
    await becomes([3, 3, true, true]);
    await running.ask(`db.exec("COMMIT")`);
    await running.evaluate("one", `db.exec("COMMIT"), 1`);
    await becomes([1, 1, true, true]);
    await running.ask("workers.two.terminate()");
    await becomes([0, 0, false, false]);
  });

  for (const version of SUPPORTED) {
    it(`report a file that each of them has open once, on Node.js ${version}`, async () => {
      const running = pool({ node: nodeOf(version) });
      const file = `${version}.db`;
      for (const name of ["one", "two", "three"]) await running.start(name, "tasks.prepareBlobs()", { file });
      const checkpoints = await running.ask<number>(`insertInTurns("${file}", 200)`);
      const page = await running.page();
      const { size, log } = await running.ask<{ size: number; log: number }>(`sizesOf("${file}")`);
      expect(checkpoints).to.be.above(30);
      expect(total(page, "storage_checkpoints_total")).to.equal(checkpoints);
      const usage = (type: string): number => total(page, "storage_space_usage_bytes", { storage_file_type: type });
      expect([usage("table"), usage("wal")]).to.deep.equal([size, log]);
      expect(total(page, "storage_space_allocated_bytes")).to.equal(size);
      // Whoever told of it before, it is told of by those that are left.
      for (const name of ["one", "two"]) await running.ask(`workers.${name}.terminate()`);
      await running.page();
      expect(total(await running.page(), "storage_space_usage_bytes")).to.equal(size + log);
      await running.ask("workers.three.terminate()");
      expect(total(await running.page(), "storage_space_usage_bytes")).to.equal(0);
    });
  }

  for (const version of SUPPORTED) {
    it(`load no undici for messages to the main thread, on Node.js ${version}`, async () => {
      const running = pool({ node: nodeOf(version) });
      await running.start("idle", "work(7)");
      // A channel with its own events has undici loaded for the first of them.
      for (let last = 0; last < 7; last = counted(await running.page()));
      const undici = "process.moduleLoadList.filter((name) => name.includes('undici')).length";
      expect([await running.ask(undici), await running.evaluate("idle", undici)]).to.deep.equal([0, 0]);
    });
  }

  it("that are always busy are scraped", async () => {
    const running = pool();
    await running.ask(`startForever("busy"), 0`);
    let last = 0;
    while (last < 1_000) {
      const page = await running.page();
      expect(counted(page)).to.be.at.least(last);
      last = counted(page);
    }
  });

  it("pass on spans and log records with their thread", async () => {
    const running = pool({
      env: { OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: "http/json", STRATASCOPE_SLOW_OPERATION_MS: "0.000001" },
    });
    await running.start("writer", "tasks.runTask()");
    await running.ask(`trace.getTracer("app").startSpan("of main").end()`);
    await running.end();
    const names = receiver.spans.map(({ name }) => name);
    expect(names).to.have.members(["task", "transaction memory", "of main"]);
    const ofWorker = receiver.spans.filter(({ name }) => name !== "of main");
    const [main] = receiver.spans.filter(({ name }) => name === "of main");
    for (const { attributes, resource } of ofWorker) {
      expect(attributes).to.include({ "thread.id": 1 });
      expect(attributes["thread.name"]).to.be.oneOf(["writer", "WorkerThread"]);
      expect(resource).to.deep.equal(main!.resource);
    }
    // The receiver leaves out what is empty.
    expect(main!.attributes).to.equal(undefined);
    const [task, transaction] = ["task", "transaction memory"].map((name) =>
      ofWorker.find((span) => span.name === name)!,
    );
    expect(transaction).to.include({ parentSpanId: task!.spanId, traceId: task!.traceId });
    const [record] = receiver.logs.filter(({ scope }) => scope === "app");
    expect(record).to.include({ spanId: task!.spanId });
    expect(record!.attributes).to.include({ "thread.id": 1 });
    const ours = receiver.logs.filter(({ scope }) => scope === "stratascope");
    expect(ours.map(({ eventName }) => eventName)).to.include("storage.operation.slow");
    expect(unregisteredEvents(ours)).to.deep.equal([]);
    expect(unregisteredSpans([transaction!])).to.deep.equal([]);
  });

  it("lose only spans that are counted as dropped if the main thread does not keep up", async () => {
    const running = pool();
    const made = 20_000;
    await running.ask(`waitForSpans("fast", ${made})`);
    const dropped = total(await running.page(), "otel_sdk_processor_span_processed_total", {
      error_type: "queue_full",
    });
    expect(dropped).to.be.within(made / 2, made - 1_000);
    await eventually(() => receiver.spans.length >= made - dropped);
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).to.equal(made - dropped);
  });

  it("lose no span if the main thread keeps up", async () => {
    const running = pool({ env: { OTEL_BSP_MAX_QUEUE_SIZE: "10000" } });
    // Ten times what fits between the threads, a tenth of that whenever the main thread has come round twice.
    await running.ask(`endSpansInTurns("fast", 10_000)`);
    await running.end();
    expect(receiver.spans.filter(({ name }) => name === "span")).to.have.length(10_000);
  });

  it("have measurements of meters by the name of their thread, added up over threads without one", async () => {
    const running = pool();
    const code = "tasks.measure()";
    await running.ask(code);
    for (const name of ["one", "two", "three"]) await running.start(name, code);
    await running.ask("workers.one.terminate()");
    const page = await running.page();
    const jobs = select(page, "app_jobs_total", { kind: "a" });
    const ofWorkers = jobs.filter(({ labels }) => "thread_name" in labels);
    // Older versions of Node.js do not tell a worker its name.
    expect(ofWorkers.map(({ value }) => value)).to.deep.equal("threadName" in worker_threads ? [2, 2, 2] : [6]);
    expect(jobs.filter((job) => !ofWorkers.includes(job)).map(({ value }) => value)).to.deep.equal([2]);
    await running.end();
    const sizes = receiver.metrics.filter(({ name }) => name === "app.size").flatMap(({ points }) => points);
    const names = sizes.map(({ attributes }) => (attributes as typeof attributes | undefined)?.["thread.name"]);
    expect(names.filter((name) => name === undefined)).to.have.length(1);
    expect(sizes.reduce((sum, { count }) => sum + Number(count), 0)).to.equal(4);
  });

  it("have the settings of the main thread in any environment, unless it excludes them", async () => {
    const running = pool({ env: { OTEL_TRACES_SAMPLER: "always_off" } });
    const span = `work(10); require("@opentelemetry/api").trace.getTracer("app").startSpan("span").end();`;
    await running.ask(`start("bare", { data: { run: ${JSON.stringify(span)} }, env: {} })`);
    await running.ask(`start("out", { data: { run: "work(100)" }, env: { OTEL_SDK_DISABLED: "true" } })`);
    await running.ask(`start("blank", { data: { run: "work(1000)" }, execArgv: [] })`);
    expect(counted(await running.page())).to.equal(1010);
    expect(await running.end()).to.include({ code: 0 });
    expect(receiver.spans).to.deep.equal([]);
  });

  it("send their telemetry themselves if the main thread is not observed", async () => {
    const running = pool({ flags: [] });
    await running.ask(
      `start("alone", { data: { run: "work(10)" }, execArgv: ["--require", ${JSON.stringify(REGISTER)}] })`,
    );
    await running.ask(`workers.alone.postMessage("parentPort.close()"), ended("alone")`);
    expect(await running.end()).to.include({ code: 0, stderr: "" });
    expect(pushedCount()).to.equal(10);
  });
});
