import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { after, afterEach, before, describe, it } from "mocha";
import { App, REGISTER, UNHURRIED, type Ended, type RunningApp, type RunOptions } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { eventually, eventuallyDefined } from "../helpers/eventually.ts";
import { otlpTo, receiving } from "../helpers/receiver.ts";
import { scrape, select, total, type Page } from "../helpers/scrape.ts";
import { spooledIn } from "../helpers/spooled.ts";
import { temporaryFolder } from "../helpers/temp.ts";

describe("several processes", () => {
  const app = new App("processes");
  const receiver = receiving();
  const started: RunningApp[] = [];
  afterEach(() => {
    for (const { process } of started.splice(0)) process.kill("SIGKILL");
  });

  function start(file: string, { env, ...options }: RunOptions = {}): RunningApp {
    const running = app.start(file, { env: { ...UNHURRIED, ...receiver.env, ...env }, ...options });
    started.push(running);
    return running;
  }
  const scraped = (port: number, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    OTEL_METRICS_EXPORTER: "otlp,prometheus",
    OTEL_EXPORTER_PROMETHEUS_PORT: String(port),
    ...more,
  });

  const page = (port: number): Promise<Page> =>
    eventuallyDefined(() => scrape(`http://127.0.0.1:${port}/metrics`).catch(() => undefined), { every: 50 });
  const selects = (answer: Page): number =>
    total(answer, "db_client_operation_duration_seconds_count", { db_query_summary: "SELECT" });
  const instance = (answer: Page): string | undefined =>
    select(answer, "target_info")[0]!.labels["service_instance_id"];

  async function end(running: RunningApp): Promise<Ended> {
    running.process.stdin!.end();
    return running.ended;
  }

  it("of a cluster serve metrics on ports of their own, and do not take those of the application", async () => {
    const [port, own] = [await freePort(), await freePort()];
    const env = scraped(port, { OTEL_LOG_LEVEL: "info" });
    const running = start("cluster.cjs", { env, args: [String(own)] });
    await running.says(/(metrics on [^]*){3}\n/);
    const ports = [...running.stderr.matchAll(/metrics on http:\/\/127.0.0.1:(\d+)/g)].map(([, found]) =>
      Number(found),
    );
    expect(Math.max(...ports)).to.be.within(port + 2, port + 64);
    const pages = await Promise.all(ports.map(page));
    expect(pages.map(selects).toSorted((a, b) => a - b)).to.deep.equal([0, 10, 100]);
    expect(new Set(pages.map(instance)).size).to.equal(3);
    expect(await (await fetch(`http://127.0.0.1:${own}/`)).text()).to.equal("here");
    const { stdout, stderr } = await end(running);
    expect(stdout).to.equal("listening true\n".repeat(2));
    expect(stderr.split("\n")).to.have.length(4);
  });

  it("leave the port to the first of a service, log that, and all send", async () => {
    const port = await freePort();
    const running = start("forks.cjs", { env: scraped(port, { OTEL_LOG_LEVEL: "info" }) });
    await running.says(/worked\n(.*\n)*worked\n/);
    const said = /stratascope: port (\d+) is in use by process (\d+) of shop; the metrics of this process are sent\n/g;
    await eventually(() => [...running.stderr.matchAll(said)].length >= 2, { every: 50 });
    const first = selects(await page(port));
    expect(first).to.be.oneOf([1, 10, 100]);
    await end(running);
    const ids = new Set(receiver.resources.map((resource) => resource["process.pid"]));
    expect(ids.size).to.equal(3);
    expect(new Set(receiver.resources.map((resource) => resource["service.instance.id"])).size).to.equal(3);
  });

  it("log the owner of the port if it is another service, and take it when that has ended", async () => {
    const port = await freePort();
    const other = start("service.cjs", { env: scraped(port, { OTEL_SERVICE_NAME: "desk" }) });
    expect(selects(await page(port))).to.equal(1);
    const running = start("service.cjs", { env: scraped(port), args: ["5"] });
    const [line] = await running.says(/stratascope: .*\n/);
    expect(line).to.equal(
      `stratascope: no metrics on http://127.0.0.1:${port}/metrics: port ${port} is in use by process ${other.process.pid} of desk; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one\n`,
    );
    await end(other);
    expect(selects(await page(port))).to.equal(5);
    expect((await end(running)).stderr).to.equal(line);
  });

  for (const way of ["fork", "cluster"]) {
    it(`get the port of their parent's listener on request, by ${way}`, async () => {
      const port = String(await freePort());
      const flags = ["--disable-warning=ExperimentalWarning"];
      const folder = temporaryFolder();
      const env = {
        OTEL_METRICS_EXPORTER: "prometheus",
        OTEL_EXPORTER_PROMETHEUS_PORT: port,
        STRATASCOPE_ADMIN_FOLDER: folder,
        PORT: port,
      };
      const bare = await app.run("child-port.cjs", { flags, args: [way], env: { PORT: port } });
      const options = { flags: [...flags, "--require", REGISTER], args: [way], env };
      const observed = await app.run("child-port.cjs", options);
      expect(observed.stdout, observed.stderr).to.equal("listens\n0\n");
      expect(observed.stdout).to.equal(bare.stdout);
      // The primary of a cluster takes another one.
      if (way === "fork") expect(observed.stderr).to.contain(`port ${port} is left to the application`);
      expect(readdirSync(folder)).to.deep.equal([]);
    });
  }

  it("are not blocked by a pipe in place of the file that marks a port", async () => {
    const env = {
      ...process.env,
      OTEL_METRICS_EXPORTER: "prometheus",
      OTEL_EXPORTER_PROMETHEUS_PORT: String(await freePort()),
      STRATASCOPE_ADMIN_FOLDER: temporaryFolder(),
    };
    // It would not come to its event loop any more.
    const limit = { cwd: app.folder, timeout: 20_000, killSignal: "SIGKILL" } as const;
    const args = ["--disable-warning=ExperimentalWarning", "--require", REGISTER, "pipe-for-mark.cjs"];
    const { stdout, signal } = spawnSync(process.execPath, args, { env, encoding: "utf8", ...limit });
    expect({ stdout, signal }).to.deep.equal({ stdout: "listens\nshows 200\n", signal: null });
  });

  it("do not take the port if they are short-lived or have nothing to show", async () => {
    const port = await freePort();
    const env = scraped(port, { OTEL_LOG_LEVEL: "info" });
    for (const file of ["moment.cjs", "idle.cjs"]) {
      const { stderr } = await start(file, { env }).ended;
      expect(stderr).not.to.contain("metrics on");
    }
    // The wrapper, which was there first, has nothing to show.
    const wrapper = start("wrapper.cjs", { flags: [], env: { ...env, NODE_OPTIONS: `--require=${REGISTER}` } });
    expect(selects(await page(port))).to.equal(1);
    const { stderr } = await end(wrapper);
    expect(stderr.match(/metrics on/g)).to.have.length(1);
  });

  it("leave a package manager alone", async () => {
    const env = { NODE_OPTIONS: `--require=${REGISTER}` };
    expect(await start("npm-cli.js", { env, flags: [] }).ended).to.include({ stdout: "unobserved\n", stderr: "" });
  });

  describe("without telemetry", () => {
    const hole = new BlackHole();
    before(() => hole.start());
    after(() => hole.close());

    /** Milliseconds from when it was done to its end. */
    async function lingering(file: string, options: RunOptions): Promise<Ended & { readonly milliseconds: number }> {
      const running = start(file, options);
      await running.says(/done/);
      const since = performance.now();
      return { ...(await running.ended), milliseconds: performance.now() - since };
    }

    for (const file of ["idle.cjs", "idle-exit.cjs"]) {
      it(`send nothing, and spool nothing: ${file}`, async () => {
        const folder = join(app.folder, `spool of ${file}`);
        const ended = await lingering(file, { env: { STRATASCOPE_SPOOL_FOLDER: folder } });
        expect(ended).to.include({ stdout: "done\n", stderr: "" });
        expect(receiver.contentTypes).to.deep.equal([]);
        expect(existsSync(folder)).to.equal(false);
      });

      for (const [which, url] of Object.entries<() => string>({
        down: () => "http://127.0.0.1:9",
        "black-holed": () => hole.url,
      })) {
        it(`are not delayed by telemetry that others spooled: ${file}, the Collector is ${which}`, async () => {
          const folder = join(app.folder, `spool of ${file} ${which}`);
          const env = { ...otlpTo(url()), STRATASCOPE_SPOOL_FOLDER: folder };
          await lingering("left.cjs", { env });
          expect(spooledIn(folder)).to.have.length(1);
          const bare = await lingering(file, { flags: [] });
          const ours = await lingering(file, { env });
          expect(ours).to.include({ code: bare.code, stdout: bare.stdout, stderr: "" });
          // What would be waited for is waited for a second.
          expect(ours.milliseconds - bare.milliseconds).to.be.below(500);
          expect(spooledIn(folder)).to.have.length(1);
        });
      }
    }
  });
});
