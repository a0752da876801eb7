import { connect, type Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { freePort } from "../../collector-config/stack/ports.ts";
import { eventually } from "../helpers/eventually.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { RemoteApp } from "../helpers/remote-app.ts";

/** A connection and what came back over it. */
class Raw {
  readonly socket: Socket;
  text = "";
  isClosed = false;

  constructor(url: string, sent: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname, () => this.socket.write(sent));
    this.socket.setEncoding("latin1").on("data", (text: string) => (this.text += text));
    this.socket.on("error", () => {});
    this.socket.on("close", () => (this.isClosed = true));
  }

  async closed(): Promise<string> {
    await eventually(() => this.isClosed);
    return this.text;
  }
}

const GET = "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n";

/** Listens on the port in `port`, which the application reads into `kept.said`. */
const LISTENS: Readonly<Record<string, string>> = {
  "http on the loopback": `require("node:http").createServer().listen(port, "127.0.0.1")`,
  "http on every address": `require("node:http").createServer().listen(port)`,
  "a port as text": `require("node:http").createServer().listen(String(port), "0.0.0.0")`,
  "http2 by options": `require("node:http2").createServer().listen({ port, host: "::" })`,
  https: `require("node:https").createServer().listen(port, "localhost")`,
  net: `require("node:net").createServer().listen({ port, exclusive: true })`,
  "the exporter of OpenTelemetry": `(new (require("@opentelemetry/exporter-prometheus").PrometheusExporter)({ port }))._server`,
};

const listening = (server: string, port: number): string => `const port = ${port};
  const server = ${server}; kept.servers = [...kept.servers ?? [], server];
  return await new Promise((resolve) => server.on("listening", () => resolve("listening")).on("error", ({ code }) => resolve(code)))`;

describe("the listener", () => {
  let app: RemoteApp;
  afterEach(() => app.running.process.kill("SIGKILL"));

  const start = async (env: Record<string, string> = {}, node?: string): Promise<RemoteApp> =>
    (app = await RemoteApp.start("node-sqlite", { env, ...(node === undefined ? {} : { node }) }));

  describe("leaves its port", () => {
    for (const version of SUPPORTED) {
      for (const [what, server] of Object.entries(LISTENS)) {
        it(`to the application that asks for it later: ${what}, Node.js ${version}`, async () => {
          const port = await freePort();
          await start({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) }, nodeOf(version));
          // One that is open does not stand in the way.
          const open = new Raw(app.url, "GET /livez HTTP/1.1\r\n");
          expect((await app.ask("/livez")).status).to.equal(200);
          expect(await app.evaluate(listening(server, port))).to.equal("listening");
          await open.closed();
          const lines = app.running.stderr.split("\n").filter((line) => line.includes("no metrics on"));
          expect(lines).to.have.length(1);
          expect(lines[0]).to.contain(`port ${port} is left to the application`);
        });
      }
    }

    it("to a worker of the application", async () => {
      const port = await freePort();
      await start({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) });
      const said = await app.evaluate(`const { Worker } = require("node:worker_threads");
        const worker = new Worker('require("node:http").createServer().listen(' + ${port} + ').on("listening", () => require("node:worker_threads").parentPort.postMessage("listening")).on("error", ({ code }) => require("node:worker_threads").parentPort.postMessage(code))', { eval: true });
        return (await require("node:events").once(worker, "message"))[0]`);
      expect(said).to.equal("listening");
    });

    for (const policy of ["SCHED_RR", "SCHED_NONE"]) {
      it(`to the workers of a cluster that the application starts: ${policy}`, async () => {
        const port = await freePort();
        await start({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) });
        const said = await app.evaluate(`const cluster = require("node:cluster");
          require("node:fs").writeFileSync("worker.cjs", 'require("node:http").createServer((q, s) => s.end("app")).listen(${port}).on("error", () => process.exit(9))');
          cluster.schedulingPolicy = cluster.${policy};
          cluster.setupPrimary({ exec: "worker.cjs", silent: true });
          kept.worker = cluster.fork();
          const first = await Promise.race(["listening", "exit"].map((event) => new Promise((resolve) => kept.worker.on(event, () => resolve(event)))));
          const answer = await fetch("http://127.0.0.1:${port}/").then((response) => response.text());
          kept.worker.kill("SIGKILL");
          return [first, answer]`);
        expect(said).to.deep.equal(["listening", "app"]);
      });
    }

    it("and takes another free one where any port is set", async () => {
      await start();
      const { port } = new URL(app.url);
      expect(await app.evaluate(listening(LISTENS["net"]!, Number(port)))).to.equal("listening");
      const moved = (): string | undefined => /metrics on \S+[^]*metrics on (\S+)\n/.exec(app.running.stderr)?.[1];
      await eventually(() => moved() !== undefined);
      expect((await fetch(moved()!)).status).to.equal(200);
      expect(new URL(moved()!).port).not.to.equal(port);
    });

    it("and does not return to it, even if the application's server closes", async () => {
      const port = await freePort();
      await start({ OTEL_EXPORTER_PROMETHEUS_PORT: String(port) });
      expect(await app.evaluate(listening(LISTENS["net"]!, port))).to.equal("listening");
      await app.evaluate(`await new Promise((resolve) => kept.servers[0].close(resolve)); await sleep(1500)`);
      expect(await app.evaluate(listening(LISTENS["net"]!, port))).to.equal("listening");
    });
  });

  it("answers the first of pipelined scrapes and closes the connection", async () => {
    await start();
    await app.evaluate(`kept.db = open("words.db"); kept.worst = 0; let last = performance.now();
      for (let i = 0; i < 50; i++) kept.db.exec("CREATE TABLE t" + i + " (a)");
      setInterval(() => { const now = performance.now(); kept.worst = Math.max(kept.worst, now - last); last = now; }, 10).unref()`);
    const expecting = "GET /livez HTTP/1.1\r\nHost: a\r\nExpect: nothing\r\n\r\n".repeat(500);
    expect((await new Raw(app.url, expecting).closed()).match(/HTTP\/1\.1 /g)?.length ?? 0).to.be.at.most(1);
    const two = await new Raw(app.url, GET.repeat(2)).closed();
    expect(two.match(/HTTP\/1\.1 200/g)).to.have.length(1);
    expect(two).to.contain("db_client_operation_duration");
    const before = (await app.evaluate("kept.worst = 0; return process.memoryUsage().rss")) as number;
    const floods = Array.from({ length: 4 }, () => new Raw(app.url, GET.repeat(5_000)));
    for (const flood of floods) await flood.closed();
    const [worst, rss] = (await app.evaluate("return [kept.worst, process.memoryUsage().rss]")) as [number, number];
    // Answered one after the other these would take minutes.
    expect(worst).to.be.below(5_000);
    expect(rss - before).to.be.below(100e6);
    expect((await app.ask("/metrics")).status).to.equal(200);
  });

  it("limits the size of bodies and headers", async () => {
    await start();
    const before = (await app.evaluate("return process.memoryUsage().rss")) as number;
    const endless = ["/metrics", "/livez", "/debug/sampling"].map((path) => {
      const raw = new Raw(app.url, `PUT ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
      const more = (): void => void (raw.isClosed || raw.socket.write(chunk, "latin1", () => setImmediate(more)));
      raw.socket.on("connect", () => setImmediate(more));
      return raw;
    });
    for (const raw of endless) expect(await raw.closed()).to.match(/^HTTP\/1.1 40[35]|^$/);
    const large = new Raw(app.url, `GET /metrics HTTP/1.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(await large.closed()).to.match(/^HTTP\/1.1 431/);
    const after = (await app.evaluate("return process.memoryUsage().rss")) as number;
    expect(after - before).to.be.below(100e6);
    expect((await app.ask("/livez")).status).to.equal(200);
  });

  it("returns after the application had used up all file descriptors, and leaves it the last ones", async function () {
    if (process.platform !== "linux") this.skip();
    await start();
    expect((await app.ask("/livez")).status).to.equal(200);
    const taken = await app.evaluate(`const fs = require("node:fs"); kept.files = [];
      const limit = Number(/^Max open files\\s+(\\d+)/m.exec(fs.readFileSync("/proc/self/limits", "utf8"))[1]);
      if (limit > 200_000) return limit;
      const here = require("node:path").join(process.cwd(), "app.cjs");
      try { for (;;) kept.files.push(fs.openSync(here)); } catch (error) { return error.code; }`);
    if (typeof taken === "number") {
      console.log(`      not run: a process can have ${taken} descriptors`);
      this.skip();
    }
    expect(taken).to.equal("EMFILE");
    for (let i = 0; i < 5; i++) await app.ask("/livez").catch(() => {});
    // Ten are free: what is held of them are a few connections.
    const opened = await app.evaluate(
      `for (const file of kept.files.splice(0, 10)) require("node:fs").closeSync(file); return 10`,
    );
    expect(opened).to.equal(10);
    const held = Array.from({ length: 50 }, () => new Raw(app.url, "GET /livez HTTP/1.1\r\nHost: x\r\n"));
    await eventually(() => held.filter(({ isClosed }) => isClosed).length >= 46);
    expect(
      await app.evaluate(`return require("node:fs").closeSync(require("node:fs").openSync("app.cjs")) ?? "open"`),
    ).to.equal("open");
    for (const { socket } of held) socket.destroy();
    await app.evaluate(`for (const file of kept.files.splice(0)) require("node:fs").closeSync(file)`);
    expect((await app.ask("/readyz")).status).to.equal(200);
    expect((await app.ask("/metrics")).status).to.equal(200);
  });

  it("collects once for all scrapes at the same time", async () => {
    await start();
    await app.evaluate(`kept.asked = 0;
      require("@opentelemetry/api").metrics.getMeter("app").createObservableGauge("slow").addCallback(async (result) => {
        kept.asked++; await sleep(500); result.observe(1);
      })`);
    const answers = await Promise.all(Array.from({ length: 40 }, () => app.ask("/metrics")));
    expect(answers.every(({ status, text }) => status === 200 && text.includes("slow"))).to.equal(true);
    expect(await app.evaluate("return kept.asked")).to.be.within(1, 3);
    const json = await Promise.all(Array.from({ length: 40 }, () => app.ask("/metrics.json")));
    expect(json.every(({ status, text }) => status === 200 && text.includes("slow"))).to.equal(true);
    expect(await app.evaluate("return kept.asked")).to.be.within(2, 6);
  });

  it("answers while other clients hold connections without a request or without reading", async () => {
    await start();
    await app.evaluate(
      `require("@opentelemetry/api").metrics.getMeter("app").createCounter("big").add(1, { label: "x".repeat(4e6) })`,
    );
    const silent = Array.from({ length: 300 }, () => new Raw(app.url, "GET /livez HTTP/1.1\r\nHost: x\r\n"));
    expect((await app.ask("/livez")).status).to.equal(200);
    const readers = Array.from({ length: 100 }, () => {
      const raw = new Raw(app.url, GET);
      raw.socket.pause();
      return raw;
    });
    await eventually(() => readers.every(({ socket }) => !socket.connecting));
    expect((await app.ask("/livez")).status).to.equal(200);
    expect((await app.ask("/metrics")).status).to.equal(200);
    const open = (await app.evaluate(`return require("node:fs").readdirSync("/proc/self/fd").length`)) as number;
    expect(open).to.be.below(200);
    for (const { socket } of [...silent, ...readers]) socket.destroy();
  });

  it("compresses a page if the client accepts it, and sends the same headers for HEAD", async () => {
    await start();
    const answered = await fetch(`${app.url}/metrics`, { headers: { "accept-encoding": "gzip" } });
    expect(answered.headers.get("content-encoding")).to.equal("gzip");
    expect(await answered.text()).to.match(/^# TYPE target_info/);
    const raw = await new Raw(
      app.url,
      GET.replace("\r\n\r\n", "\r\nAccept-Encoding: br;q=1.0, GZIP;q=0.5\r\n\r\n"),
    ).closed();
    const [head, body] = raw.split(/\r\n\r\n(.*)/s) as [string, string];
    expect(head).to.match(/\r\ncontent-encoding: gzip\r\n/i);
    expect(gunzipSync(Buffer.from(body, "latin1")).toString()).to.contain("target_info");
    const plain = await app.ask("/metrics", { headers: { "accept-encoding": "gzip;q=0, identity" } });
    expect(plain.headers).not.to.have.property("content-encoding");
    const asked = await app.ask("/metrics", { method: "HEAD" });
    expect([asked.status, asked.text]).to.deep.equal([200, ""]);
    expect(Number(asked.headers["content-length"])).to.be.greaterThan(1_000);
    expect((await app.ask("/metrics", { method: "POST" })).status).to.equal(405);
  });
});
