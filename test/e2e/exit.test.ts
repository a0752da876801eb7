import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { App, REGISTER, ROOT, type Ended, type RunningApp, type RunOptions } from "../helpers/app.ts";
import { BlackHole, unconnectable } from "../helpers/black-hole.ts";
import { receiving } from "../helpers/receiver.ts";

/** Milliseconds a process may need more with us than without us. */
const TOLERATED = 1_500;

const WORK = `
const { metrics, trace } = require("@opentelemetry/api");
const work = () => {
  trace.getTracer("app").startSpan("last").end();
  metrics.getMeter("app").createCounter("app.last").add(1);
};
`;

const SERVER = `${WORK}
const server = require("node:http").createServer((request, response) => response.end("here"));
server.listen(0, "127.0.0.1", () => { work(); console.log("serves http://127.0.0.1:" + server.address().port); });
`;

/** A server that shuts itself down on a signal, does something meanwhile, and says what it saw. */
const graceful = (method: "on" | "once", signal: string): string => `${SERVER}
process.${method}("${signal}", (name, number) => {
  console.log(name, number);
  server.close(() => setTimeout(() => { work(); process.exitCode = 4; }, 50));
});
console.log(process.listenerCount("${signal}"), process.listeners("${signal}").length);
`;

const APPS = {
  "natural.cjs": `${WORK} setTimeout(() => { work(); console.log("done"); }, 10);`,
  "natural.mjs": `import { metrics, trace } from "@opentelemetry/api";
    await new Promise((resolve) => setTimeout(resolve, 10));
    trace.getTracer("app").startSpan("last").end();
    metrics.getMeter("app").createCounter("app.last").add(1);
    console.log("done");`,
  "connecting.cjs": `${WORK} work(); setTimeout(() => console.log("done"), 500);`,
  "code.cjs": `${WORK} work(); process.exitCode = 3; process.on("exit", (code) => console.log("exit", code));`,
  "server.cjs": SERVER,
  "on-SIGTERM.cjs": graceful("on", "SIGTERM"),
  "once-SIGTERM.cjs": graceful("once", "SIGTERM"),
  "on-SIGHUP.cjs": graceful("on", "SIGHUP"),
  "once-SIGHUP.cjs": graceful("once", "SIGHUP"),
  "on-SIGINT.cjs": graceful("on", "SIGINT"),
  "once-SIGINT.cjs": graceful("once", "SIGINT"),
  // Does not end on the first signal; that its handler is gone then, makes the second one deadly.
  "twice.cjs": `${SERVER} process.once("SIGTERM", () => console.log("first"));`,
  "again.cjs": `${SERVER} process.once("SIGTERM", () => { console.log("cleaned up"); process.kill(process.pid, "SIGTERM"); });`,
  "uncaught.cjs": `${WORK} work(); setTimeout(() => { throw new TypeError("broken"); }, 10);`,
  "rejected.cjs": `${WORK} work(); setTimeout(() => { Promise.reject(new TypeError("broken")); }, 10);`,
  "handled.cjs": `${WORK} process.on("uncaughtException", (error) => { console.log(error.message); process.exit(6); });
    work(); setTimeout(() => { throw new TypeError("broken"); }, 10);`,
  "exits.cjs": `${WORK} work(); process.on("exit", (code) => console.log("exit", code)); process.exit(5);`,
  // Counts how often it is asked whether it has more to do; it has twice.
  "before-exit.cjs": `${WORK} let asked = 0; console.log("done");
    process.on("beforeExit", (code) => { asked++; if (asked < 3) setTimeout(work, 10); });
    process.on("exit", (code) => console.log("asked", asked, "exit", code));`,
  "before-exit-once.cjs": `${WORK} work();
    process.once("beforeExit", () => setTimeout(() => { console.log("cleaned up"); process.exitCode = 7; }, 300));`,
  "before-exit-async.cjs": `${WORK} work(); let asked = 0;
    process.on("beforeExit", async () => {
      if (asked++ > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
      console.log("cleaned up");
    });
    process.on("exit", () => console.log("asked", asked));`,
  "shutdown.mjs": `import { logs, metrics, trace } from "@opentelemetry/api";
    import { start } from "${pathToFileURL(join(ROOT, "dist/src/index.js")).href}";
    const { shutdown } = start();
    trace.getTracer("app").startSpan("last").end();
    metrics.getMeter("app").createCounter("app.last").add(1);
    await shutdown();
    trace.getTracer("app").startSpan("too late").end();
    process.exit(9);`,
  "worker.cjs": `const { Worker, isMainThread } = require("node:worker_threads");
    ${WORK}
    if (isMainThread) {
      const worker = new Worker(__filename);
      worker.on("exit", (code) => { console.log("worker", code); process.exitCode = 3; });
    } else {
      trace.getTracer("app").startSpan("of the worker").end();
      process.exitCode = 2;
    }`,
  "parent.cjs": `const { spawnSync } = require("node:child_process");
    const start = Date.now();
    const child = spawnSync(process.execPath, ["-e", "console.log('child')"], { encoding: "utf8" });
    console.log(child.stdout.trim(), child.status, Date.now() - start, child.stderr);`,
};

interface Timed extends Ended {
  /** From when the application was done, or the signal was sent, to the end of the process. */
  readonly milliseconds: number;
}

const lines = ({ stderr }: Ended): string[] => stderr.split("\n").filter((line) => line !== "");

describe("the end of a process", () => {
  const app = new App(APPS);
  const servers: RunningApp[] = [];
  const receiver = receiving();
  // None that a test failed to end goes on.
  afterEach(() => {
    for (const { process } of servers.splice(0)) process.kill("SIGKILL");
  });

  const delivered = (): { spans: number; metrics: number } => ({
    spans: receiver.spans.filter(({ name }) => name === "last").length,
    metrics: receiver.latest.get("app.last")?.points[0]?.asDouble ?? 0,
  });

  /** Runs a file without us and with us. */
  const both = async (file: string): Promise<[Ended, Ended]> => [
    await app.run(file, { flags: [] }),
    await app.run(file, { env: receiver.env }),
  ];

  async function timed(file: string, options: RunOptions): Promise<Timed> {
    const running = app.start(file, options);
    await running.says(/done/);
    const start = performance.now();
    return { ...(await running.ended), milliseconds: performance.now() - start };
  }

  /** Runs a file that says when it is done, without us and with us. */
  const bothTimed = async (file: string, env = receiver.env): Promise<[Timed, Timed]> => [
    await timed(file, { flags: [] }),
    await timed(file, { env }),
  ];

  const outcome = ({ code, signal, stdout, stderr }: Ended): Ended => ({ code, signal, stdout, stderr });

  /** Starts a server and waits until it serves. */
  async function serve(file: string, options: RunOptions = { env: receiver.env }): Promise<RunningApp> {
    const running = app.start(file, options);
    servers.push(running);
    await running.says(/serves \S+\n/);
    return running;
  }

  /** How a server ends on a signal, without us and with us; where it served differs. */
  async function ends(file: string, signal: NodeJS.Signals, env = receiver.env): Promise<[Timed, Timed]> {
    const end = async (options: RunOptions): Promise<Timed> => {
      const running = await serve(file, options);
      const start = performance.now();
      const ended = await running.stop(signal);
      const stdout = ended.stdout.replace(/127.*\n/, "\n");
      return { ...ended, stdout, milliseconds: performance.now() - start };
    };
    return [await end({ flags: [] }), await end({ env })];
  }

  describe("that is natural", () => {
    for (const file of ["natural.cjs", "natural.mjs"]) {
      it(`delivers the last span and the last metrics, without waiting: ${file}`, async () => {
        const [bare, ours] = await bothTimed(file);
        expect(outcome(ours)).to.deep.equal(outcome(bare));
        expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(1_000);
      });
    }

    it("keeps the exit code", async () => {
      const [bare, ours] = await both("code.cjs");
      expect(outcome(ours)).to.deep.equal(outcome(bare));
      expect(ours).to.include({ code: 3, stdout: "exit 3\n" });
      expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
    });

    it("has nothing to do after a shutdown from code, which sends everything", async () => {
      const folder = join(app.folder, "spool");
      const env = { ...receiver.env, STRATASCOPE_SPOOL_FOLDER: folder };
      expect(await app.run("shutdown.mjs", { flags: [], env })).to.include({ code: 9, stderr: "" });
      expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
      expect(existsSync(folder)).to.equal(false);
    });

    it("never comes to a server", async () => {
      const running = await serve("server.cjs", { env: { ...receiver.env, OTEL_METRIC_EXPORT_INTERVAL: "20" } });
      const [, url] = await running.says(/serves (\S+)\n/);
      while (receiver.metrics.filter(({ name }) => name === "app.last").length < 5) {
        expect(await (await fetch(url!)).text()).to.equal("here");
      }
      expect(running.process.exitCode).to.equal(null);
      await running.stop("SIGKILL");
    });

    it("asks the application whether it has more to do as often as without us", async () => {
      const [bare, ours] = await both("before-exit.cjs");
      expect(bare.stdout).to.equal("done\nasked 3 exit 0\n");
      expect(outcome(ours)).to.deep.equal(outcome(bare));
      expect(delivered()).to.deep.equal({ spans: 2, metrics: 2 });
    });

    for (const file of ["before-exit-once.cjs", "before-exit-async.cjs"]) {
      it(`waits for what the application begins at its end: ${file}`, async () => {
        const [bare, ours] = await both(file);
        expect(bare.stdout).to.match(/^cleaned up\n/);
        expect(outcome(ours)).to.deep.equal(outcome(bare));
        expect(delivered().spans).to.equal(1);
      });
    }

    it("delivers the spans of a worker, and its exit code", async () => {
      const [bare, ours] = await both("worker.cjs");
      expect(bare).to.include({ code: 3, stdout: "worker 2\n" });
      expect(outcome(ours)).to.deep.equal(outcome(bare));
      expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["of the worker"]);
    });

    it("comes to a child that inherits NODE_OPTIONS as soon as without us", async () => {
      const run = async (env: Record<string, string>): Promise<number> => {
        const { stdout } = await app.run("parent.cjs", { flags: [], env });
        // Nothing on its stderr: it did not wait for a Collector in vain.
        expect(stdout).to.match(/^child 0 \d+ \n$/);
        return Number(stdout.split(" ")[2]);
      };
      const bare = await run({});
      const ours = await run({ ...receiver.env, NODE_OPTIONS: `--require=${REGISTER}` });
      expect(ours - bare).to.be.below(TOLERATED);
    });
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    describe(`by ${signal}`, () => {
      it("is a death by that signal, with the telemetry delivered", async () => {
        const [bare, ours] = await ends("server.cjs", signal);
        expect(bare).to.include({ code: null, signal });
        expect(outcome(ours)).to.deep.equal(outcome(bare));
        expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(1_000);
      });

      for (const method of ["on", "once"]) {
        it(`is the application's to handle: process.${method}`, async () => {
          const [bare, ours] = await ends(`${method}-${signal}.cjs`, signal);
          expect(bare).to.include({ code: 4, signal: null });
          expect(outcome(ours)).to.deep.equal(outcome(bare));
          expect(delivered()).to.deep.equal({ spans: 2, metrics: 2 });
        });
      }
    });
  }

  it("comes with the second signal where the application handles the first one only", async () => {
    const running = await serve("twice.cjs");
    running.process.kill("SIGTERM");
    await running.says(/first/);
    expect(await running.stop("SIGTERM")).to.include({ code: null, signal: "SIGTERM", stderr: "" });
    expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
  });

  it("comes at once with the signal the application sends itself when it has cleaned up; the next start sends the rest", async () => {
    const env = { ...receiver.env, STRATASCOPE_SPOOL_FOLDER: join(app.folder, "spool of again") };
    const [bare, ours] = await ends("again.cjs", "SIGTERM", env);
    expect(bare).to.include({ code: null, signal: "SIGTERM" });
    expect(outcome(ours)).to.deep.equal(outcome(bare));
    expect(delivered().spans).to.equal(0);
    await app.run("natural.cjs", { env });
    expect(delivered().spans).to.equal(2);
  });

  for (const file of ["uncaught.cjs", "rejected.cjs", "handled.cjs", "exits.cjs"]) {
    it(`has the exit code and the output it has without us: ${file}`, async () => {
      const [bare, ours] = await both(file);
      expect(bare.code).to.equal({ "handled.cjs": 6, "exits.cjs": 5 }[file] ?? 1);
      expect(outcome(ours)).to.deep.equal(outcome(bare));
    });
  }

  describe("without a Collector", () => {
    const hole = new BlackHole();
    before(() => hole.start());
    after(() => hole.close());

    const collectors: Readonly<Record<string, () => string>> = {
      // Discard: no process without privileges can listen there.
      "that is down": () => "http://127.0.0.1:9",
      "that never answers": () => hole.url,
    };

    for (const [which, url] of Object.entries(collectors)) {
      const env = (): Record<string, string> => ({ ...receiver.env, OTEL_EXPORTER_OTLP_ENDPOINT: url() });

      it(`is a little later and one line on stderr: one ${which}`, async () => {
        const [bare, ours] = await bothTimed("natural.cjs", env());
        expect(ours).to.include({ code: 0, signal: null, stdout: "done\n" });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
        expect(lines(ours)).to.have.length(1);
        expect(lines(ours)[0]).to.match(/^stratascope: .*could not be sent|cannot be sent/);
      });

      it(`comes by the signal: one ${which}`, async () => {
        const [bare, ours] = await ends("server.cjs", "SIGTERM", env());
        expect(ours).to.include({ code: null, signal: "SIGTERM" });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
        expect(lines(ours)).to.have.length(1);
      });

      it(`asks the application as often as without us: one ${which}`, async () => {
        const [bare, ours] = await bothTimed("before-exit.cjs", env());
        expect(ours).to.include({ code: 0, stdout: bare.stdout });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
      });
    }

    it("is a little later where a connection is still being made when the application is done", async () => {
      const deaf = await unconnectable();
      try {
        const env = { ...receiver.env, OTEL_EXPORTER_OTLP_ENDPOINT: deaf.url, OTEL_BSP_SCHEDULE_DELAY: "1" };
        const [bare, ours] = await bothTimed("connecting.cjs", env);
        expect(ours).to.include({ code: 0, signal: null });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
        expect(lines(ours)).to.have.length(1);
        expect(lines(ours)[0]).to.contain("no connection by the end of the process");
      } finally {
        deaf.close();
      }
    });

    it("does not keep a second signal waiting", async () => {
      const running = await serve("server.cjs", {
        env: { ...receiver.env, OTEL_EXPORTER_OTLP_ENDPOINT: hole.url },
      });
      const before = hole.connections;
      running.process.kill("SIGTERM");
      // By now it is waiting for an answer.
      while (hole.connections === before) await new Promise((resolve) => setImmediate(resolve));
      expect(await running.stop("SIGTERM")).to.include({ code: null, signal: "SIGTERM", stderr: "" });
    });
  });
});
