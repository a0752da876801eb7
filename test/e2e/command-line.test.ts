import { execFile, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { afterEach, describe, it } from "mocha";
import { App, REGISTER, ROOT } from "../helpers/app.ts";
import { eventually } from "../helpers/eventually.ts";
import { temporaryFolder } from "../helpers/temp.ts";
import { RemoteApp } from "../helpers/remote-app.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const stratascope = (folder: string, ...args: string[]): Promise<Said> =>
  new Promise((resolve) => {
    const file = join(ROOT, "dist/src/cli.js");
    execFile(process.execPath, [file, "--folder", folder, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

/** Leaves a socket as a process does that was killed. */
async function leftover(path: string): Promise<void> {
  const code = `require("net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  await new Promise((resolve) => execFile(process.execPath, ["-e", code], resolve));
}

describe("the command line tool", () => {
  const apps: RemoteApp[] = [];
  afterEach(() => {
    for (const { running } of apps.splice(0)) running.process.kill("SIGKILL");
  });

  async function start(env: Record<string, string> = {}): Promise<RemoteApp> {
    const app = await RemoteApp.start("node-sqlite", { env: { OTEL_TRACES_EXPORTER: "otlp", ...env } });
    apps.push(app);
    return app;
  }

  /** One whose socket is there. */
  async function reachable(env?: Record<string, string>): Promise<RemoteApp> {
    const app = await start(env);
    await app.askPrivately("/livez");
    return app;
  }

  it("lists the observed processes of the user, and shows the status of one", async () => {
    const app = await reachable({ OTEL_SERVICE_NAME: "shop\u001b[31m" });
    const pid = String(app.running.process.pid);
    const { code, stdout } = await stratascope(app.adminFolder, "ps");
    expect(code).to.equal(0);
    expect(stdout.split("\n")[1]).to.match(
      new RegExp(`^${pid} +shop\\?\\[31m +healthy +\\d+ s +${process.versions.node}$`),
    );
    const [listed] = JSON.parse((await stratascope(app.adminFolder, "ps", "--json")).stdout) as [object];
    expect(listed).to.include({ pid: Number(pid), health: "healthy" });
    // It is not observed itself, though it inherits the environment of the service.
    const inherited = { ...process.env, NODE_OPTIONS: `--require=${REGISTER}`, OTEL_LOG_LEVEL: "info" };
    const file = join(ROOT, "dist/src/cli.js");
    const { stderr } = spawnSync(process.execPath, [file, "--folder", app.adminFolder, "ps"], {
      env: inherited,
      encoding: "utf8",
    });
    expect(stderr).to.equal("");
    for (const args of [["status"], ["status", pid], ["status", "--pid", pid]]) {
      const status = JSON.parse((await stratascope(app.adminFolder, ...args)).stdout) as Record<string, object>;
      expect(status["process"]).to.include({ pid: Number(pid) });
    }
    expect(JSON.parse((await stratascope(app.adminFolder, "alerts")).stdout)).to.deep.equal({ active: [], rules: [] });
  });

  it("overrides sampling and levels temporarily, and restores them", async () => {
    const app = await reachable();
    const run = async (...args: string[]): Promise<Record<string, unknown>> =>
      JSON.parse((await stratascope(app.adminFolder, ...args)).stdout) as Record<string, unknown>;
    const changed = await run("sampling", "0.5", "--for", "15m");
    expect(changed).to.include({ value: 0.5, base: 1 });
    expect(Date.parse(String(changed["until"])) - Date.now()).to.be.within(840_000, 900_000);
    expect(await run("sampling")).to.include({ value: 0.5 });
    expect(await run("sampling", "reset")).to.deep.equal({ value: 1, base: 1, until: null });
    expect(await run("log-level", "api", "debug", "--for", "10m")).to.include({ value: "debug" });
    expect(await run("log-level", "api")).to.include({ value: "debug", base: null });
    expect(await run("log-level", "warn")).to.include({ value: "warn", base: "info" });
    expect(await run("log-level", "api", "reset")).to.deep.equal({ value: "warn", base: null, until: null });
    expect(await run("log-level", "stratascope", "verbose")).to.include({ value: "verbose" });
    for (const name of ["constructor", "__proto__", "a/b c", "ü"]) {
      expect(await run("log-level", name)).to.include({ value: "warn", base: null });
      expect(await run("log-level", name, "error")).to.include({ value: "error", base: null });
    }
    expect(await app.evaluate(`return [api.logLevels().constructor, ({}).error, {}.toString()]`)).to.deep.equal([
      "error",
      null,
      "[object Object]",
    ]);
  });

  it("reports an error in one line", async () => {
    const app = await reachable();
    const empty = temporaryFolder();
    const wrong: readonly (readonly [RegExp, string[], string?])[] = [
      [/no observed process of this user was found/, ["ps"], empty],
      [/no observed process of this user was found/, ["status"], join(empty, "missing")],
      [/no observed process .* has the number 1\n/, ["status", "1"]],
      [/x is not the number of a process/, ["status", "x"]],
      [/there is no command constructor/, ["constructor"]],
      [/"value" has to be a number from 0 to 1/, ["sampling", "2"]],
      [/"value" has to be a number from 0 to 1/, ["sampling", "many"]],
      [/"value" has to be one of/, ["log-level", "api", "loud"]],
      [/--for soon is no time/, ["sampling", "1", "--for", "soon"]],
      [/"seconds" has to be/, ["sampling", "1", "--for", "900h"]],
      [/not the name of a part/, ["log-level", "a\nb", "off"]],
      [/not the name of a part/, ["log-level", "a".repeat(300), "off"]],
      [/takes fewer arguments/, ["status", "1", "2"]],
      [/Unknown option/, ["--nothing"]],
    ];
    for (const [line, args, folder = app.adminFolder] of wrong) {
      const { code, stdout, stderr } = await stratascope(folder, ...args);
      expect([code, stdout], args.join(" ")).to.deep.equal([1, ""]);
      expect(stderr)
        .to.match(/^stratascope: [^\n]+\n$/)
        .and.to.match(line);
    }
    expect((await stratascope(empty, "--help")).stdout).to.contain("usage: stratascope");
  });

  it("requires a process id if there are several processes", async () => {
    const folder = temporaryFolder();
    const both = await Promise.all(
      ["shop", "desk"].map((name) => start({ OTEL_SERVICE_NAME: name, STRATASCOPE_ADMIN_FOLDER: folder })),
    );
    await eventually(() => readdirSync(folder).length >= 2, { every: 50 });
    const { code, stderr } = await stratascope(folder, "status");
    expect(code).to.equal(1);
    expect(stderr)
      .to.match(/there are several, name one with --pid:\nPID/)
      .and.to.match(/shop/)
      .and.to.match(/desk/);
    const [shop, desk] = both.map(({ running }) => String(running.process.pid));
    const { stdout } = await stratascope(folder, "status", "--pid", desk!);
    expect(JSON.parse(stdout)).to.include({ service: "desk" });
    // One that was killed is none.
    both[0]!.running.process.kill("SIGKILL");
    await both[0]!.running.ended;
    expect(readdirSync(folder)).to.include(`${shop}.sock`);
    expect(JSON.parse((await stratascope(folder, "status")).stdout)).to.include({ service: "desk" });
  });

  describe("finds the socket", () => {
    const mode = (path: string): number => statSync(path).mode & 0o777;

    it("accessible only to the user, invisible to the application, and removed at its end", async () => {
      const app = await reachable();
      expect([mode(app.adminFolder), mode(app.socket)]).to.deep.equal([0o700, 0o600]);
      const seen = await app.evaluate(
        `return process.getActiveResourcesInfo().filter((name) => name.startsWith("Pipe") && name !== "PipeWrap").join()`,
      );
      expect(seen).to.equal("");
      await app.stop();
      expect(readdirSync(app.adminFolder)).to.deep.equal([]);
      const killed = await reachable();
      await killed.running.stop("SIGTERM");
      expect(readdirSync(killed.adminFolder)).to.deep.equal([]);
    });

    it("beside sockets of killed processes, which are removed", async () => {
      const folder = temporaryFolder();
      const [old, fresh] = [join(folder, "99999999.sock"), join(folder, "99999998.sock")];
      for (const path of [old, fresh]) await leftover(path);
      utimesSync(old, 0, 0);
      writeFileSync(join(folder, "77.sock"), "not a socket");
      const live = createServer().listen(join(folder, "88.sock"));
      const app = await start({ STRATASCOPE_ADMIN_FOLDER: folder });
      const own = join(folder, `${app.running.process.pid}.sock`);
      await eventually(() => existsSync(own) && !existsSync(old), { every: 50 });
      const sockets = readdirSync(folder).filter((name) => name.endsWith(".sock"));
      expect(sockets.toSorted()).to.deep.equal(
        ["77.sock", "88.sock", "99999998.sock", `${app.running.process.pid}.sock`].toSorted(),
      );
      live.close();
    });

    const UNUSABLE: Readonly<Record<string, (folder: string) => string>> = {
      "that others can enter": (folder) => {
        chmodSync(folder, 0o755);
        return folder;
      },
      "that is a link": (folder) => {
        mkdirSync(join(folder, "real"), { mode: 0o700 });
        symlinkSync(join(folder, "real"), join(folder, "link"));
        return join(folder, "link");
      },
      "that is a file": (folder) => {
        writeFileSync(join(folder, "file"), "");
        return join(folder, "file");
      },
      "whose path is too long": (folder) => join(folder, "x".repeat(100)),
    };
    for (const [what, make] of Object.entries(UNUSABLE)) {
      it(`in no folder ${what}; the process logs that and continues`, async () => {
        const folder = make(temporaryFolder());
        const app = await start({ STRATASCOPE_ADMIN_FOLDER: folder });
        await app.running.says(
          /no private socket for diagnostics: .*; STRATASCOPE_ADMIN_FOLDER names another folder\n/,
        );
        expect((await app.ask("/livez")).status).to.equal(200);
        expect((await stratascope(folder, "ps")).code).to.equal(1);
      });
    }

    it("of a process that changed its user, in another folder", async function () {
      if (process.getuid?.() !== 0) this.skip();
      const app = new App("other-user");
      const TMPDIR = temporaryFolder();
      chmodSync(TMPDIR, 0o777);
      const running = app.start("app.cjs", { env: { TMPDIR, STRATASCOPE_ADMIN_FOLDER: "" } });
      const folder = join(TMPDIR, "stratascope-admin-65534");
      await eventually(() => existsSync(join(folder, `${running.process.pid}.sock`)), { every: 50 });
      expect(statSync(folder)).to.include({ uid: 65534 });
      // The administrator may ask it.
      expect((await stratascope(folder, "ps")).stdout).to.contain(String(running.process.pid));
      await running.stop();
      expect(readdirSync(folder)).to.deep.equal([]);
    });

    it("only if it is enabled", async () => {
      const app = await start({ STRATASCOPE_ADMIN_SOCKET: "off" });
      await app.evaluate("await sleep(1500)");
      expect(existsSync(app.socket)).to.equal(false);
    });
  });
});
