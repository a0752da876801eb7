import { expect } from "chai";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";
import { App, REGISTER, UNHURRIED, type Ended, type RunningApp, type RunOptions } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver, type ReceivedPoint } from "../helpers/receiver.ts";
import { unregisteredEvents, unregisteredMetrics, unregisteredSpans } from "../helpers/registry.ts";
import { scrape, select, total, type Page } from "../helpers/scrape.ts";

/** Answers each line on standard input, a number and code, with what the code evaluates to. */
const CONSOLE = `
const worker_threads = require("node:worker_threads");
const { Worker } = worker_threads;
const workers = {};
/** Resolves with the first message of a worker. */
const start = (name, options) => new Promise((resolve, reject) => {
  workers[name] = new Worker("./worker.cjs", { name, workerData: options?.data, ...options });
  workers[name].once("message", resolve).once("error", reject);
});
const ended = (name) => new Promise((resolve) => workers[name].once("exit", resolve));
require("node:readline").createInterface({ input: process.stdin }).on("line", async (line) => {
  const [number] = line.split(" ", 1);
  const result = await eval(line.slice(number.length));
  console.log("answer", number, JSON.stringify(result ?? null));
}).on("close", () => {
  for (const worker of Object.values(workers)) worker.terminate();
});
`;

const FILES = {
  "package.json": `{ "name": "pool" }`,
  "main.cjs": `const Database = require("better-sqlite3");
    const db = new Database(":memory:");
    const get = db.prepare("SELECT 1");
    const work = (n) => { for (let i = 0; i < n; i++) get.get(); };
    ${CONSOLE}`,
  "worker.cjs": `
    const { parentPort, workerData, threadId, Worker } = require("node:worker_threads");
    const { join } = require("node:path");
    const Database = require("better-sqlite3");
    const db = new Database(workerData.file ?? ":memory:");
    globalThis.kept = db;
    const get = db.prepare("SELECT 1");
    const work = (n) => { for (let i = 0; i < n; i++) get.get(); };
    eval(workerData.run);
    parentPort.on("message", async (code) => parentPort.postMessage((await eval(code)) ?? null));
    parentPort.postMessage("ready");
  `,
};

/** An application whose threads do as they are told. */
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
  tell(name: string, code: string): Promise<unknown> {
    return this.ask(
      `new Promise((resolve) => { workers.${name}.once("message", resolve); workers.${name}.postMessage(${JSON.stringify(code)}); })`,
    );
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

const SCRAPED = { OTEL_METRICS_EXPORTER: "otlp,prometheus", OTEL_EXPORTER_PROMETHEUS_PORT: "0", OTEL_LOG_LEVEL: "info" };

const counted = (page: Page, summary = "SELECT"): number =>
  total(page, "db_client_operation_duration_seconds_count", { db_query_summary: summary });

describe("workers", () => {
  const app = new App(FILES);
  const receiver = new Receiver();
  const pools: Pool[] = [];
  before(() => receiver.start());
  beforeEach(() => receiver.clear());
  after(() => receiver.close());
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
    it(`count into the metrics of the main thread, whoever started them and however they end, on Node.js ${version}`, async () => {
      const running = pool({ node: nodeOf(version) });
      await running.ask("work(1)");
      await running.start("ending", "work(10)");
      await running.start("exiting", "work(100)");
      await running.start("nesting", `work(1000);
        globalThis.nested = new Worker("./worker.cjs", { workerData: { run: "work(10000)" } });
        globalThis.isReady = new Promise((resolve) => nested.once("message", resolve));`);
      await running.tell("nesting", "isReady");
      expect(counted(await running.page())).to.equal(11_111);
      await running.ask(`
        globalThis.progress = new Int32Array(new SharedArrayBuffer(4));
        workers.stuck = new Worker("./worker.cjs", {
          workerData: { progress, run: "for (;;) { work(1); Atomics.add(workerData.progress, 0, 1); }" },
        });
        new Promise((resolve) => {
          const look = setInterval(() => { if (progress[0] > 100) { clearInterval(look); resolve(); } }, 1);
        })`);
      await running.ask(`workers.ending.postMessage("parentPort.close()"), ended("ending")`);
      await running.ask(`workers.exiting.postMessage("process.exit(3)"), ended("exiting")`);
      await running.ask(`workers.nesting.terminate()`);
      const stuck = await running.ask<number>(`workers.stuck.terminate().then(() => progress[0])`);
      const page = await running.page();
      // It was stopped anywhere: perhaps after a call, and before it noted it.
      expect(counted(page) - 11_111).to.be.within(stuck, stuck + 1);
      const last = select(page, "db_client_operation_duration_seconds_bucket", { db_query_summary: "SELECT", le: "+Inf" });
      expect(last.map(({ value }) => value)).to.deep.equal([counted(page)]);

      expect(await running.end()).to.include({ code: 0 });
      expect(pushedCount()).to.equal(counted(page));
      expect(unregisteredMetrics(receiver.metrics)).to.deep.equal([]);
    });
  }
});
