import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, ROOT, type RunOptions } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { receiving } from "../helpers/receiver.ts";
import { COUNTS, workload, type ModuleKind } from "../helpers/workload.ts";

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
    for (const [kind, file] of [
      ["cjs", "service.cjs"],
      ["mjs", "service.mjs"],
      ["ts", "service.mts"],
    ] as [ModuleKind, string][]) {
      it(`sees all of a service in ${file} on Node.js ${version}`, async () => {
        const app = new App({ [file]: workload(kind) });
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
      const app = new App({
        "both.mjs": `import { createRequire } from "node:module"; import Database from "better-sqlite3";
          const Other = createRequire(import.meta.url)("better-sqlite3/linux-x64");
          console.log(Other === Database);
          for (const Class of [Database, Other]) new Class(":memory:").prepare("SELECT 1").get();`,
      });
      expect(await runs(app, "both.mjs", { node: nodeOf(version) })).to.equal("false\n");
      expect(received()).to.equal(4);
    });

    it(`sees what a worker does on Node.js ${version}`, async () => {
      const app = new App({
        "main.cjs": `const { Worker } = require("node:worker_threads");
          new Worker("./worker.cjs", { workerData: 1 }).on("message", console.log);`,
        "worker.cjs": `const Database = require("better-sqlite3");
          const { parentPort } = require("node:worker_threads");
          const db = new Database(":memory:"); const get = db.prepare("SELECT 1");
          for (let i = 0; i < 9; i++) get.get();
          parentPort.postMessage("worked");`,
      });
      expect(await runs(app, "main.cjs", { node: nodeOf(version) })).to.equal("worked\n");
      // The worker and the main thread each push metrics of their own.
      const points = receiver.metrics
        .filter(({ name }) => name === "db.client.operation.duration")
        .flatMap((metric) => metric.points);
      expect(points.map(({ count }) => Number(count)).sort((a, b) => a - b)).to.deep.equal([1, 9]);
    });
  }

  it("lets Node.js warn of node:sqlite where it is used, and there alone", async () => {
    const app = new App({
      "used.cjs": `const { DatabaseSync } = require("node:sqlite"); new DatabaseSync(":memory:").exec("SELECT 1");`,
      "unused.cjs": `console.log("done");`,
    });
    const said = async (file: string, flags: string[]): Promise<string> =>
      (await app.run(file, { node: nodeOf("22.15.0"), flags })).stderr.replace(/\(node:\d+\)/, "(node)");
    const bare = await said("used.cjs", []);
    expect(bare).to.contain("SQLite is an experimental feature");
    expect(await said("used.cjs", ["--require", REGISTER])).to.equal(bare);
    expect(await said("unused.cjs", ["--require", REGISTER])).to.equal("");
  });

  it("counts once when it is required twice", async () => {
    const app = new App({ "app.cjs": `new (require("better-sqlite3"))(":memory:").prepare("SELECT 1").get()` });
    await runs(app, "app.cjs", {
      flags: ["--require", REGISTER, "--require", REGISTER, "--import", join(REGISTER, "index.js")],
    });
    expect(received()).to.equal(2);
  });

  it("counts once when there are two copies of it", async () => {
    const app = new App({ "app.cjs": `new (require("better-sqlite3"))(":memory:").prepare("SELECT 1").get()` });
    const copy = join(app.folder, "copy");
    mkdirSync(copy);
    for (const part of ["dist", "register", "package.json"])
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    await runs(app, "app.cjs", { flags: ["--require", REGISTER, "--require", join(copy, "register")] });
    expect(received()).to.equal(2);
  });

  it("observes a class that was bundled, by instrument()", async () => {
    const app = new App({
      "bundled.mjs": `import Database from "better-sqlite3"; import { instrument } from ${JSON.stringify(join(ROOT, "dist/src/index.js"))};
        const Observed = instrument("better-sqlite3", Database);
        console.log(Observed === Database);
        new Database(":memory:").prepare("SELECT 1").get();
        try { instrument("betersqlite", Database) } catch (error) { console.log(error.name + ": " + error.message) }`,
    });
    // Loaded before the hook: nothing but instrument() can have patched it.
    const late = ["--require", join(app.folder, "node_modules/better-sqlite3"), "--require", REGISTER];
    const stdout = await runs(app, "bundled.mjs", { flags: late });
    expect(stdout).to.equal(
      'true\nTypeError: there is no engine "betersqlite"; known are better-sqlite3, node-sqlite\n',
    );
    expect(received()).to.equal(2);
  });

  it("says in which of its sources it failed, and lets the application go on", async () => {
    const app = new App({
      "broken.mjs": `import { instrument } from ${JSON.stringify(join(ROOT, "dist/src/index.js"))};
        class Broken { prepare() {} }
        for (const Class of [Broken, class extends Broken {}]) console.log(instrument("better-sqlite3", Class) === Class);`,
    });
    const { code, stdout, stderr } = await app.run("broken.mjs", { flags: [] });
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: "true\ntrue\n" });
    expect(stderr).to.match(/^stratascope: \[better-sqlite3\] failed, .*TypeError.*\n$/);
    expect(stderr).to.match(/; at (?:\w+\.)?patch \(instrumentations\/better-sqlite3\/patch\.ts:\d+:\d+\);/);
    expect(stderr).to.match(/; at EngineInstrumentation\.patch \(src\/boot\/otel-instrumentation\.ts:\d+:\d+\)/);
    expect(stderr).to.not.contain("core.cjs");
  });

  it("says so where only the native code of an engine was seen, as in a bundle", async () => {
    const app = new App({
      "app.cjs": `const D = require("./bundle"); console.log(new D(":memory:").prepare("SELECT 1 AS n").get().n)`,
    });
    cpSync(join(ROOT, "node_modules/better-sqlite3"), join(app.folder, "bundle"), {
      recursive: true,
      filter: (path) => !/\/(deps|src)$/.test(path),
    });
    const { stdout, stderr } = await app.run("app.cjs");
    expect(stdout).to.equal("1\n");
    expect(stderr).to.equal(
      `stratascope: [better-sqlite3] is loaded and not observed: it was loaded before stratascope, or by no loader of Node.js, as in a pool of jest or vitest, or a bundle; instrument("better-sqlite3", Database) of stratascope observes it\n`,
    );
  });

  describe("of engines that are not covered", () => {
    const app = new App({
      "lib/node_modules/sqlite3/package.json": `{ "version": "6.0.1" }`,
      "lib/node_modules/sqlite3/lib/sqlite3.js": "",
      "lib/node_modules/sqlite3/lib/trace.js": "",
      "lib/node_modules/@electric-sql/pglite/package.json": `{ "version": "0.3.0", "type": "module" }`,
      "lib/node_modules/@electric-sql/pglite/dist/index.js": "export {};",
      "lib/node_modules/sqlite3-types/index.js": "",
      "app.mjs": `import { createRequire } from "node:module"; import "./lib/node_modules/@electric-sql/pglite/dist/index.js";
        const require = createRequire(import.meta.url);
        for (const file of ["sqlite3/lib/sqlite3", "sqlite3/lib/trace", "sqlite3-types"]) require("./lib/node_modules/" + file);`,
    });
    const told = (engine: string): string =>
      `stratascope: [${engine}] is loaded and not observed: stratascope does not cover it; STRATASCOPE_DISABLED_ENGINES=${engine} silences this\n`;

    it("says once of each that it is loaded", async () => {
      for (const version of SUPPORTED) {
        const { code, stderr } = await app.run("app.mjs", { node: nodeOf(version) });
        // The first has no hook for ES modules that would change nothing else.
        const isSeen = version !== "22.15.0";
        expect({ code, stderr }).to.deep.equal({
          code: 0,
          stderr: `${isSeen ? told("pglite") : ""}${told("sqlite3")}`,
        });
      }
    });

    it("says nothing of one that is switched off", async () => {
      const env = { STRATASCOPE_DISABLED_ENGINES: "pglite, sqlite3" };
      expect((await app.run("app.mjs", { env })).stderr).to.equal("");
    });
  });

  it("leaves a version alone that it was not tested with, and says so once", async () => {
    const app = new App({
      "app.cjs": `const D = require("./vendored/node_modules/better-sqlite3"); console.log(new D(":memory:").prepare("SELECT 1 AS n").get().n)`,
    });
    const copy = join(app.folder, "vendored/node_modules/better-sqlite3");
    cpSync(join(ROOT, "node_modules/better-sqlite3"), copy, {
      recursive: true,
      filter: (path) => !/\/(deps|src)$/.test(path),
    });
    const manifest = readFileSync(join(copy, "package.json"), "utf8");
    writeFileSync(join(copy, "package.json"), manifest.replace(/"version": "[^"]+"/, '"version": "14.0.0"'));
    const ended = await app.run("app.cjs", { env: receiver.env });
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
