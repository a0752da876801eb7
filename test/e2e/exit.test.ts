import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { App, REGISTER, type Ended, type RunningApp, type RunOptions } from "../helpers/app.ts";
import { BlackHole, unconnectable } from "../helpers/black-hole.ts";
import { eventually } from "../helpers/eventually.ts";
import { receiving } from "../helpers/receiver.ts";

/** Milliseconds a process may need more with us than without us. */
const TOLERATED = 1_500;

interface Timed extends Ended {
  /** From when the application was done, or the signal was sent, to the end of the process. */
  readonly milliseconds: number;
}

const lines = ({ stderr }: Ended): string[] => stderr.split("\n").filter((line) => line !== "");

describe("the end of a process", () => {
  const app = new App("exit");
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
  async function ends(
    file: string,
    signal: NodeJS.Signals,
    { args = [], env = receiver.env }: RunOptions = {},
  ): Promise<[Timed, Timed]> {
    const end = async (options: RunOptions): Promise<Timed> => {
      const running = await serve(file, options);
      const start = performance.now();
      const ended = await running.stop(signal);
      const stdout = ended.stdout.replace(/127.*\n/, "\n");
      return { ...ended, stdout, milliseconds: performance.now() - start };
    };
    return [await end({ args, flags: [] }), await end({ args, env })];
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

    it("sends nothing after a shutdown in code, which has sent everything", async () => {
      const folder = join(app.folder, "spool");
      const env = { ...receiver.env, STRATASCOPE_SPOOL_FOLDER: folder };
      expect(await app.run("shutdown.mjs", { flags: [], env })).to.include({ code: 9, stderr: "" });
      expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
      expect(existsSync(folder)).to.equal(false);
    });

    it("does not happen to a server while it exports metrics", async () => {
      const running = await serve("server.cjs", { env: { ...receiver.env, OTEL_METRIC_EXPORT_INTERVAL: "20" } });
      const [, url] = await running.says(/serves (\S+)\n/);
      while (receiver.metrics.filter(({ name }) => name === "app.last").length < 5) {
        expect(await (await fetch(url!)).text()).to.equal("here");
      }
      expect(running.process.exitCode).to.equal(null);
      await running.stop("SIGKILL");
    });

    it("emits beforeExit as often as unobserved", async () => {
      const [bare, ours] = await both("before-exit.cjs");
      expect(bare.stdout).to.equal("done\nasked 3 exit 0\n");
      expect(outcome(ours)).to.deep.equal(outcome(bare));
      expect(delivered()).to.deep.equal({ spans: 2, metrics: 2 });
    });

    for (const file of ["before-exit-once.cjs", "before-exit-async.cjs"]) {
      it(`waits for work that the application begins at its end: ${file}`, async () => {
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

    it("is not delayed in a child that inherits NODE_OPTIONS", async () => {
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
      it("terminates the process by that signal, with the telemetry delivered", async () => {
        const [bare, ours] = await ends("server.cjs", signal);
        expect(bare).to.include({ code: null, signal });
        expect(outcome(ours)).to.deep.equal(outcome(bare));
        expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(1_000);
      });

      for (const method of ["on", "once"]) {
        it(`is left to the application's handler: process.${method}`, async () => {
          const [bare, ours] = await ends("server.cjs", signal, { args: [method, signal] });
          expect(bare).to.include({ code: 4, signal: null });
          expect(outcome(ours)).to.deep.equal(outcome(bare));
          expect(delivered()).to.deep.equal({ spans: 2, metrics: 2 });
        });
      }
    });
  }

  it("happens with the second signal if the application handles only the first", async () => {
    const running = await serve("twice.cjs");
    running.process.kill("SIGTERM");
    await running.says(/first/);
    expect(await running.stop("SIGTERM")).to.include({ code: null, signal: "SIGTERM", stderr: "" });
    expect(delivered()).to.deep.equal({ spans: 1, metrics: 1 });
  });

  it("happens at once with the signal the application sends itself after its cleanup; the next start sends the rest", async () => {
    const env = { ...receiver.env, STRATASCOPE_SPOOL_FOLDER: join(app.folder, "spool of again") };
    const [bare, ours] = await ends("again.cjs", "SIGTERM", { env });
    expect(bare).to.include({ code: null, signal: "SIGTERM" });
    expect(outcome(ours)).to.deep.equal(outcome(bare));
    expect(delivered().spans).to.equal(0);
    await app.run("natural.cjs", { env });
    expect(delivered().spans).to.equal(2);
  });

  for (const file of ["uncaught.cjs", "rejected.cjs", "handled.cjs", "exits.cjs"]) {
    it(`has the same exit code and output as unobserved: ${file}`, async () => {
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

      it(`is a little later, with one line on stderr: one ${which}`, async () => {
        const [bare, ours] = await bothTimed("natural.cjs", env());
        expect(ours).to.include({ code: 0, signal: null, stdout: "done\n" });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
        expect(lines(ours)).to.have.length(1);
        expect(lines(ours)[0]).to.match(/^stratascope: .*could not be sent|cannot be sent/);
      });

      it(`is caused by the signal: one ${which}`, async () => {
        const [bare, ours] = await ends("server.cjs", "SIGTERM", { env: env() });
        expect(ours).to.include({ code: null, signal: "SIGTERM" });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
        expect(lines(ours)).to.have.length(1);
      });

      it(`emits beforeExit as often as unobserved: one ${which}`, async () => {
        const [bare, ours] = await bothTimed("before-exit.cjs", env());
        expect(ours).to.include({ code: 0, stdout: bare.stdout });
        expect(ours.milliseconds - bare.milliseconds).to.be.below(TOLERATED);
      });
    }

    it("is a little later if a connection is still being established", async () => {
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

    it("does not delay a second signal", async () => {
      const running = await serve("server.cjs", {
        env: { ...receiver.env, OTEL_EXPORTER_OTLP_ENDPOINT: hole.url },
      });
      const before = hole.connections;
      running.process.kill("SIGTERM");
      // By now it is waiting for an answer.
      await eventually(() => hole.connections > before, { every: 1 });
      expect(await running.stop("SIGTERM")).to.include({ code: null, signal: "SIGTERM", stderr: "" });
    });
  });
});
