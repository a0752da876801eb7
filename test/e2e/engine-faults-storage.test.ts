import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { App, REGISTER, ROOT, UNHURRIED } from "../helpers/app.ts";
import { compareSeeds, DAMAGING } from "../helpers/differential.ts";
import { receiving } from "../helpers/receiver.ts";
import { scrape, select } from "../helpers/scrape.ts";
import { runTwice } from "../helpers/twice.ts";

/** Many more are run in the night. */
const SEEDS = 10;

/** Bytes that a file may have in a process whose disk is full. */
const FILE_LIMIT = 300_000;

/** Packages whose copies of another version are left alone, and a program that uses each. */
const PACKAGES: Readonly<Record<string, string>> = {
  "classic-level": `new (require("classic-level").ClassicLevel)("data").put("a", "b").then(() => console.log("put"));`,
  lmdb: `const db = require("lmdb").open("data2", {}); db.putSync("a", 1); console.log(db.get("a"));`,
  "lru-cache": `const cache = new (require("lru-cache").LRUCache)({ max: 2 }); cache.set("a", 1); console.log(cache.get("a"));`,
  keyv: `new (require("keyv").Keyv)().get("a").then(console.log);`,
  cacheable: `new (require("cacheable").Cacheable)().get("a").then(console.log);`,
  minisearch: `new (require("minisearch"))({ fields: ["a"] }).add({ id: 1, a: "b" }); console.log("added");`,
  usearch: `console.log(new (require("usearch").Index)({ dimensions: 3, metric: "cos" }).size());`,
};

describe("an application whose files are damaged", () => {
  const receiver = receiving();

  for (const program of DAMAGING)
    it(`sees the same with and without stratascope: ${program}`, async () => {
      // What is polled is polled in the middle of everything.
      const env = {
        ...receiver.env,
        OTEL_METRIC_EXPORT_INTERVAL: "20",
        OTEL_METRIC_EXPORT_TIMEOUT: "20",
        OTEL_LOG_LEVEL: "none",
      };
      await compareSeeds({ program, from: 0, to: SEEDS, node: process.execPath, env });
    });
});

describe("an application whose disk is full", () => {
  const app = new App("engine-faults");
  const receiver = receiving();

  for (const [engine, errorType] of [
    ["level", "LEVEL_IO_ERROR"],
    ["lmdb", "COMMIT_FAILED"],
  ] as const)
    it(`gets the errors of its engine, which are counted: ${engine}`, async () => {
      const limited = ["prlimit", `--fsize=${FILE_LIMIT}`, process.execPath];
      const [node, ...flags] = limited as [string, ...string[]];
      const options = { node, flags, args: [engine], env: { ...receiver.env, ...UNHURRIED } };
      const { stdout } = await runTwice(app, "disk.cjs", options);
      const refused = stdout.match(/^put \d+ !!/gm)!.length;
      expect(refused).to.be.above(0);
      const counted = receiver.latest
        .get("db.client.operation.duration")!
        .points.filter(({ attributes }) => attributes["error.type"] === errorType)
        .filter(({ attributes }) => attributes["db.operation.name"] === "put");
      expect(counted.reduce((sum, { count }) => sum + Number(count), 0)).to.equal(refused);
    });
});

describe("a package of a version that is not tested", () => {
  for (const [name, program] of Object.entries(PACKAGES))
    it(`is left alone, with one line: ${name}`, async () => {
      const app = new App({ "app.cjs": program });
      const folder = join(app.folder, "node_modules", name);
      rmSync(folder);
      cpSync(join(ROOT, "node_modules", name), folder, { recursive: true, dereference: false });
      const manifest = join(folder, "package.json");
      writeFileSync(
        manifest,
        JSON.stringify({ ...(JSON.parse(readFileSync(manifest, "utf8")) as object), version: "99.0.0" }),
      );
      const bare = await app.run("app.cjs", { flags: [] });
      const ours = await app.run("app.cjs", { flags: ["--require", REGISTER] });
      expect(bare).to.include({ code: 0, stderr: "" });
      expect(ours).to.include({ code: 0, stdout: bare.stdout });
      expect(ours.stderr).to.match(/^stratascope: \[[\w-]+\] 99\.0\.0 is outside of the tested versions[^\n]*\n$/);
    });
});

describe("an application that is scraped while it closes its databases", () => {
  it("goes on, and what it has closed has no values", async () => {
    const env = {
      OTEL_METRICS_EXPORTER: "prometheus",
      OTEL_EXPORTER_PROMETHEUS_PORT: "0",
      OTEL_LOG_LEVEL: "info",
      FAULTS_DATA: "scraped",
    };
    const app = new App("engine-faults").start("closes.cjs", { env });
    const [, url] = (await app.says(/metrics on (\S+)/)) as unknown as [string, string];
    const end = performance.now() + 3_000;
    while (performance.now() < end) await Promise.all([scrape(url), scrape(url)]);
    app.process.stdin!.end();
    await app.says(/^closed$/m);
    const page = await scrape(url);
    for (const name of ["storage_level_size_bytes", "storage_record_count", "storage_space_usage_bytes"])
      expect(select(page, name), name).to.deep.equal([]);
    expect(select(page, "storage_instrumentation_errors_total").filter(({ value }) => value > 0)).to.deep.equal([]);
    const ended = await app.stop();
    expect(ended).to.include({ code: 0, stdout: "closed\n" });
    expect(ended.stderr.split("\n").filter((line) => !/metrics on|^$/.test(line))).to.deep.equal([]);
  });
});

describe("an application that is stopped in the middle", () => {
  for (const scenario of ["signal", "exit", "worker", "workers"])
    it(`leaves what it had written, as it does unobserved: ${scenario}`, async () => {
      await runTwice(new App("engine-faults"), "kept.cjs", { args: [scenario], env: { OTEL_LOG_LEVEL: "none" } });
    });
});
