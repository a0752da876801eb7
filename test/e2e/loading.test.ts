import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { engines } from "../../instrumentations/index.ts";
import { App, REGISTER, ROOT, type RunOptions } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";
import { COUNTS } from "../helpers/dictionary.ts";

const OPERATIONS = Object.values(COUNTS).reduce((sum, { runs }) => sum + runs, 0);

const typescript = (version: string): string[] =>
  version.startsWith("22") ? ["--experimental-strip-types", "--disable-warning=ExperimentalWarning"] : [];

describe("loading", () => {
  const receiver = receiving();

  /** Calls of each operation that were received. */
  function received(): number {
    const points = receiver.latest.get("db.client.operation.duration")?.points ?? [];
    return points.reduce((sum, { count }) => sum + Number(count), 0);
  }

  async function runs(app: App, file: string, options: RunOptions): Promise<string> {
    const running = app.start(file, { ...options, env: { ...receiver.env, ...options.env } });
    running.process.stdin!.end();
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: "" });
    return stdout;
  }

  for (const version of SUPPORTED) {
    for (const file of ["service.cjs", "service.mjs", "service.mts"]) {
      it(`observes all of a service in ${file} on Node.js ${version}`, async () => {
        const app = new App("dictionary");
        const flags = [...typescript(version), "--require", REGISTER];
        expect(await runs(app, file, { node: nodeOf(version), flags })).to.equal("done\n");
        expect(received()).to.equal(OPERATIONS);
        const servers = receiver.spans.filter((span) => span.kind === "SPAN_KIND_SERVER");
        expect(servers).to.have.length(3);
        for (const { parentSpanId } of servers)
          expect(receiver.spans.some(({ spanId }) => spanId === parentSpanId)).to.equal(true);
      });
    }

    it(`sees both copies of a class, from require and import, and each call once, on Node.js ${version}`, async () => {
      const app = new App("loading");
      expect(await runs(app, "both-copies.mjs", { node: nodeOf(version) })).to.equal("false\n");
      expect(received()).to.equal(4);
    });

    it(`observes a worker on Node.js ${version}`, async () => {
      const app = new App("loading");
      expect(await runs(app, "has-worker.cjs", { node: nodeOf(version) })).to.equal("worked\n");
      // The worker and the main thread each push metrics of their own.
      const points = receiver.metrics
        .filter(({ name }) => name === "db.client.operation.duration")
        .flatMap((metric) => metric.points);
      expect(points.map(({ count }) => Number(count)).sort((a, b) => a - b)).to.deep.equal([1, 9]);
    });
  }

  it("lets Node.js warn of node:sqlite only if it is used", async () => {
    const app = new App("loading");
    const said = async (file: string, flags: string[]): Promise<string> =>
      (await app.run(file, { node: nodeOf("22.15.0"), flags })).stderr.replace(/\(node:\d+\)/, "(node)");
    const bare = await said("uses-sqlite.cjs", []);
    expect(bare).to.contain("SQLite is an experimental feature");
    expect(await said("uses-sqlite.cjs", ["--require", REGISTER])).to.equal(bare);
    expect(await said("idle.cjs", ["--require", REGISTER])).to.equal("");
  });

  it("counts an operation once where it is required twice", async () => {
    const app = new App("loading");
    await runs(app, "reads.cjs", {
      flags: ["--require", REGISTER, "--require", REGISTER, "--import", join(REGISTER, "index.js")],
    });
    expect(received()).to.equal(2);
  });

  it("counts an operation once where two copies of it are required", async () => {
    const app = new App("loading");
    const copy = join(app.folder, "copy");
    mkdirSync(copy);
    for (const part of ["dist", "register", "package.json"])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    await runs(app, "reads.cjs", { flags: ["--require", REGISTER, "--require", join(copy, "register")] });
    expect(received()).to.equal(2);
  });

  it("observes a class that no hook has seen, by instrument()", async () => {
    const app = new App("loading");
    // Loaded before the hook: nothing but instrument() can have patched it.
    const late = ["--require", join(app.folder, "node_modules/better-sqlite3"), "--require", REGISTER];
    const stdout = await runs(app, "instruments.mjs", { flags: late });
    expect(stdout).to.equal(
      `true\nTypeError: there is no engine "betersqlite"; known are ${engines.map(({ id }) => id).join(", ")}\n`,
    );
    expect(received()).to.equal(2);
  });

  it("logs the source of a failure, and lets the application continue", async () => {
    const app = new App("loading");
    const { code, stdout, stderr } = await app.run("instruments-other.mjs", { flags: [] });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "true\ntrue\n" });
    expect(stderr).to.match(/^stratascope: \[better-sqlite3\] failed, .*TypeError.*\n$/);
    expect(stderr).to.match(/; at (?:\w+\.)?patch \(instrumentations\/better-sqlite3\/patch\.ts:\d+:\d+\);/);
    expect(stderr).to.match(/; at EngineInstrumentation\.patch \(src\/boot\/otel-instrumentation\.ts:\d+:\d+\)/);
    expect(stderr).to.not.contain("core.cjs");
  });

  it("logs that an engine is not observed if only its native code was loaded, as in a bundle", async () => {
    const app = new App("loading");
    cpSync(join(ROOT, "node_modules/better-sqlite3"), join(app.folder, "bundle"), {
      recursive: true,
      filter: (path) => !/\/(deps|src)$/.test(path),
    });
    const { stdout, stderr } = await app.run("reads-copy.cjs", { args: ["./bundle"] });
    expect(stdout).to.equal("1\n");
    expect(stderr).to.equal(
      `stratascope: [better-sqlite3] is loaded and not observed: it was loaded before stratascope, or by no loader of Node.js, as in a pool of jest or vitest, or a bundle; instrument("better-sqlite3", Database) of stratascope observes it\n`,
    );
  });

  describe("of engines that are not covered", () => {
    const app = new App("loading");
    const packages = {
      "node-sqlite3-wasm/package.json": `{ "version": "0.8.0" }`,
      "node-sqlite3-wasm/lib/main.js": "",
      "node-sqlite3-wasm/lib/trace.js": "",
      "@lancedb/lancedb/package.json": `{ "version": "0.3.0", "type": "module" }`,
      "@lancedb/lancedb/dist/index.js": "export {};",
      "node-sqlite3-wasm-types/index.js": "",
    };
    for (const [file, text] of Object.entries(packages)) app.write(join("lib/node_modules", file), text);
    const told = (engine: string): string =>
      `stratascope: [${engine}] is loaded and not observed: stratascope does not cover it; STRATASCOPE_DISABLED_ENGINES=${engine} silences this\n`;

    it("logs once for each that it is loaded", async () => {
      for (const version of SUPPORTED) {
        const { code, stderr } = await app.run("uncovered.mjs", { node: nodeOf(version) });
        // The first has no hook for ES modules that would change nothing else.
        const isSeen = version !== "22.15.0";
        expect({ code, stderr }).to.deep.equal({
          code: 0,
          stderr: `${isSeen ? told("lancedb") : ""}${told("node-sqlite3-wasm")}`,
        });
      }
    });

    it("logs nothing for one that is disabled", async () => {
      const env = { STRATASCOPE_DISABLED_ENGINES: "lancedb, node-sqlite3-wasm" };
      expect((await app.run("uncovered.mjs", { env })).stderr).to.equal("");
    });
  });

  it("logs once that a version is not a tested one, and does not observe it", async () => {
    const app = new App("loading");
    const copy = join(app.folder, "vendored/node_modules/better-sqlite3");
    cpSync(join(ROOT, "node_modules/better-sqlite3"), copy, {
      recursive: true,
      filter: (path) => !/\/(deps|src)$/.test(path),
    });
    const manifest = readFileSync(join(copy, "package.json"), "utf8");
    writeFileSync(join(copy, "package.json"), manifest.replace(/"version": "[^"]+"/, '"version": "14.0.0"'));
    const ended = await app.run("reads-copy.cjs", {
      args: ["./vendored/node_modules/better-sqlite3"],
      env: receiver.env,
    });
    expect(ended).to.deep.equal({
      code: 0,
      signal: null,
      stdout: "1\n",
      stderr:
        "stratascope: [better-sqlite3] 14.0.0 is outside of the tested versions, from 11.0.0 and below 14.0.0; it is left alone and not observed\n",
    });
    expect(received()).to.equal(0);
  });
});
