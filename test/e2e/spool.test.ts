import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { before, beforeEach, describe, it } from "mocha";
import { App, REGISTER } from "../helpers/app.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { BlackHole } from "../helpers/black-hole.ts";
import { eventually } from "../helpers/eventually.ts";
import { otlpTo, Receiver } from "../helpers/receiver.ts";
import { spooledIn } from "../helpers/spooled.ts";
import { temporaryFolder } from "../helpers/temp.ts";

describe("the spool", () => {
  const app = new App("spool");
  let port: number;
  let folder: string;
  let receiver: Receiver;
  before(async () => {
    port = await freePort();
  });
  beforeEach(() => {
    folder = join(temporaryFolder(), "spool");
  });

  const env = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
    ...otlpTo(`http://127.0.0.1:${port}`),
    STRATASCOPE_SPOOL_FOLDER: folder,
    ...more,
  });
  const files = (): string[] => spooledIn(folder);
  const crash = async (args: readonly number[] = [], more = {}): Promise<string> => {
    const { code, stderr } = await app.run("crash.cjs", { args: args.map(String), env: env(more) });
    expect(code).to.equal(3);
    return stderr;
  };

  /** Runs with a Collector that is up, and returns how often each span arrived. */
  async function collecting(run: () => Promise<unknown>): Promise<number[]> {
    receiver = new Receiver();
    await receiver.start(port);
    try {
      await run();
      const ids = receiver.spans.map(({ spanId }) => spanId);
      return [...new Set(ids)].map((id) => ids.filter((each) => each === id).length);
    } finally {
      await receiver.close();
    }
  }
  const next = async (args: readonly string[] = [], more = {}): Promise<void> => {
    expect(await app.run("next.cjs", { args, env: env(more) })).to.include({ code: 0, stderr: "" });
  };
  const times = (n: number): number[] => Array.from({ length: n }, () => 1);

  it("is sent once by processes that start at the same time", async () => {
    for (let i = 0; i < 4; i++) await crash([5]);
    expect(files()).to.have.length(4);
    expect(await collecting(() => Promise.all([next(), next(), next()]))).to.deep.equal(times(20));
    expect(files()).to.deep.equal([]);
  });

  it("is sent by a running process soon after its start", async () => {
    await crash([5]);
    await collecting(async () => {
      const running = app.start("next.cjs", { args: ["60000"], env: env() });
      try {
        await eventually(() => receiver.spans.length >= 5);
        await eventually(() => files().length === 0);
      } finally {
        await running.stop("SIGKILL");
      }
    });
  });

  it("is passed on by a process that cannot send it either", async () => {
    await crash([5]);
    const { stderr } = await app.run("next.cjs", { args: ["1500"], env: env() });
    expect(stderr).to.match(/^stratascope: \w+ cannot be sent .*\n$/);
    expect(files()).to.have.length(1);
    expect(await collecting(next)).to.deep.equal(times(5));
  });

  it("survives the SIGKILL of a process that was about to send it", async () => {
    await crash([5]);
    const hole = new BlackHole();
    await hole.start(port);
    const running = app.start("next.cjs", { args: ["60000"], env: env() });
    await eventually(() => hole.connections > 0);
    await running.stop("SIGKILL");
    await hole.close();
    expect(await collecting(next)).to.deep.equal(times(5));
  });

  it("misses only telemetry that was not exported before a SIGKILL", async () => {
    await collecting(async () => {
      const running = app.start("two.cjs", { env: env({ OTEL_BSP_SCHEDULE_DELAY: "500" }) });
      await eventually(() => receiver.spans.length > 0);
      running.process.stdin!.end();
      await running.says(/second/);
      expect(await running.stop("SIGKILL")).to.include({ signal: "SIGKILL", stderr: "" });
      expect(files()).to.deep.equal([]);
      await next();
      expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["first"]);
    });
  });

  it("is sent with the original service name, only by processes of that service", async () => {
    const tenant = (name: string): Record<string, string> => ({ OTEL_EXPORTER_OTLP_HEADERS: `x-scope-orgid=${name}` });
    await crash([5], tenant("a"));
    expect(await collecting(() => next([], tenant("b")))).to.deep.equal([]);
    expect(await collecting(() => next([], tenant("a")))).to.deep.equal(times(5));
  });

  it("is not blocked by a pipe in place of a file", async () => {
    await crash([5]);
    const [name] = files();
    unlinkSync(join(folder, name!));
    execFileSync("mkfifo", [join(folder, name!)]);
    expect(await collecting(next)).to.deep.equal([]);
  });

  it("is not written if STRATASCOPE_SPOOL is false", async () => {
    expect(await crash([5], { STRATASCOPE_SPOOL: "false" })).to.equal("");
    expect(files()).to.deep.equal([]);
  });

  it("takes at most STRATASCOPE_SPOOL_BYTES, and dropped telemetry is counted", async () => {
    const limit = { STRATASCOPE_SPOOL_BYTES: "100000" };
    for (let i = 0; i < 8; i++) await crash([60, 1000], limit);
    const sizes = files().map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).to.be.below(1.1 * 100_000 * 3 * (4 / 3));
    const arrived = await collecting(() => next([], limit));
    expect(arrived.length).to.be.within(60, 8 * 60 - 1);
    const lost = receiver.metrics
      .filter(({ name }) => name === "otel.sdk.exporter.span.exported")
      .flatMap(({ points }) => points)
      .filter(({ attributes }) => attributes["error.type"] === "spool_full")
      .reduce((sum, { asInt }) => sum + Number(asInt), 0);
    // What the oldest files said of losses is lost with them.
    expect(lost).to.be.above(0);
  });

  for (const [what, prepare] of Object.entries({
    "a folder that is a file": () => writeFileSync(folder, ""),
    "a folder in a file": () => {
      writeFileSync(folder, "");
      folder = join(folder, "below");
    },
  })) {
    it(`is dropped with one log line if it cannot be written: ${what}`, async () => {
      prepare();
      const stderr = await crash([5]);
      expect(stderr).to.match(/^stratascope: .*STRATASCOPE_SPOOL_FOLDER.*(EEXIST|ENOTDIR).*\n$/);
    });
  }

  it("is dropped with one log line and no partial file if the disk is full", async () => {
    const flags = ["--require", "./full.cjs", "--require", REGISTER];
    const { code, stderr } = await app.run("crash.cjs", { flags, env: env() });
    expect(code).to.equal(3);
    expect(stderr).to.match(/^stratascope: telemetry .*lost.*ENOSPC.*\n$/);
    expect(files()).to.deep.equal([]);
  });

  it("is written to a private temporary folder if no folder is named", async () => {
    const TMPDIR = temporaryFolder();
    const mine = join(TMPDIR, `stratascope-${process.getuid!()}`);
    const unnamed = { TMPDIR, STRATASCOPE_SPOOL_FOLDER: "" };
    await crash([5], unnamed);
    expect(statSync(mine).mode & 0o777).to.equal(0o700);
    expect(spooledIn(mine)).to.have.length(1);
    expect(await collecting(() => next([], unnamed))).to.deep.equal(times(5));
  });

  it("is not written to a folder that others can write to", async () => {
    const TMPDIR = temporaryFolder();
    const theirs = join(TMPDIR, `stratascope-${process.getuid!()}`);
    mkdirSync(theirs);
    chmodSync(theirs, 0o777);
    const stderr = await crash([5], { TMPDIR, STRATASCOPE_SPOOL_FOLDER: "" });
    expect(stderr).to.match(/^stratascope: .*not a folder of this user's alone.*\n$/);
    expect(readdirSync(theirs)).to.deep.equal([]);
  });
});
