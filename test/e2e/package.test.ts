import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { SCOPE } from "../../src/runtime/package-info.ts";
import { ROOT, RunningApp } from "../helpers/app.ts";
import { nodeOf, SUPPORTED } from "../helpers/nodes.ts";
import { Receiver } from "../helpers/receiver.ts";
import { temporaryFolder } from "../helpers/temp.ts";

/** What npm tells the scripts it runs, which this may be one of; certificates of the network are not of that. */
const FROM_NPM = /^(npm_|NODE_(?!EXTRA_CA_CERTS$))/i;

/** Runs npm as a user would. */
function npm(cwd: string, ...args: string[]): { stdout: string; stderr: string } {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FROM_NPM.test(name)));
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd, env, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")}: ${stderr}`);
  return { stdout, stderr };
}

/** Every installed copy of the packages of OpenTelemetry, by its folder. */
function copies(folder: string): string[] {
  const modules = join(folder, "node_modules");
  if (!existsSync(modules)) return [];
  const names = readdirSync(modules).filter((name) => !name.startsWith("."));
  const packages = names.flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(modules, name)).map((each) => join(name, each)) : [name],
  );
  const here = packages.filter((name) => name.startsWith("@opentelemetry/"));
  return [...here, ...packages.flatMap((name) => copies(join(modules, name)))];
}

describe("the package", function () {
  // Installs from the registry; the first time, executables of Node.js as well.
  this.timeout(300_000);
  const folder = temporaryFolder();
  const installed = join(folder, "node_modules/stratascope");
  let receiver: Receiver;
  let packed: string[];
  let tarball: string;
  let installation: string;

  before(async () => {
    cpSync(join(ROOT, "test/apps/package"), folder, { recursive: true });
    const pack = npm(folder, "pack", ROOT, "--ignore-scripts", "--json", "--pack-destination", folder);
    const [{ filename, files }] = JSON.parse(pack.stdout) as [{ filename: string; files: { path: string }[] }];
    packed = files.map(({ path }) => path);
    tarball = join(folder, filename);
    const packages = [tarball, "better-sqlite3@13.2.0"];
    installation = npm(folder, "install", "--no-audit", "--no-fund", "--prefer-offline", ...packages).stderr;
    receiver = new Receiver();
    await receiver.start();
  });
  after(() => receiver?.close());

  for (const version of SUPPORTED) {
    for (const [flag, file] of [
      ["--require", "app.cjs"],
      ["--import", "app.mjs"],
    ] as const) {
      it(`observes an application: node ${flag} stratascope/register ${file}, Node.js ${version}`, async () => {
        receiver.clear();
        const env = { PATH: process.env["PATH"], ...receiver.env };
        const child = spawn(nodeOf(version), [flag, "stratascope/register", file], { cwd: folder, env });
        const ended = await new RunningApp(child).ended;
        expect(ended).to.deep.equal({ code: 0, signal: null, stdout: "7\n", stderr: "" });
        const counts = receiver.latest
          .get("db.client.operation.duration")!
          .points.map(({ attributes, count }) => [attributes["db.operation.name"], Number(count)]);
        expect(Object.fromEntries(counts)).to.deep.equal({ CREATE: 1, PREPARE: 2, INSERT: 7, SELECT: 1 });
        expect(receiver.resource).to.include({ "service.name": "shop", "process.runtime.version": version });
      });
    }
  }

  it("has types that a consumer can check", () => {
    const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
    // The types of Node.js are those of this repository; a consumer has its own.
    const args = [tsc, "-p", ".", "--typeRoots", join(ROOT, "node_modules/@types")];
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
    expect(stdout).to.equal("");
    expect(status).to.equal(0);
  });

  it("installs one copy of each package of OpenTelemetry", () => {
    const names = copies(folder);
    expect(names).to.include("@opentelemetry/api");
    expect(names.toSorted()).to.deep.equal([...new Set(names)].sort());
  });

  it("contains built files and no sources", () => {
    const known =
      /^(register\/((index|worker)\.js|package\.json)|dist\/(src|instrumentations|semconv)\/.+\.(c?js|c?js\.map|d\.ts)|semconv\/(MIGRATIONS\.md|migrations\.json|schema\/[\d.]+\.yaml)|collector-config\/.+(\.(md|yaml|json|cjs|go|mod|sum)|Dockerfile))$/;
    const documents = ["package.json", "README.md", "CHANGELOG.md", "LICENSE"];
    expect(packed.filter((path) => !known.test(path)).toSorted()).to.deep.equal(documents.toSorted());
    expect(packed).to.include.members([
      "dist/src/core.cjs",
      "dist/src/core.cjs.map",
      "dist/src/sdk/declarative/index.cjs",
      `semconv/schema/${SCOPE.version}.yaml`,
    ]);
    expect(packed.filter((path) => /test|example/.test(path))).to.deep.equal([]);
  });

  it("holds no module without a source in this repository", () => {
    // What engines share is put together by the build.
    const modules = packed.filter((path) => /^dist\/.+\.c?js$/.test(path) && !path.endsWith("/shared.cjs"));
    const sources = modules.map((path) => path.replace(/^dist\/(.+)\.c?js$/, "$1.ts"));
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).to.deep.equal([]);
  });

  it("holds no map of a source of ours that is not in this repository", () => {
    const sources = packed
      .filter((path) => path.endsWith(".map"))
      .flatMap((path) => {
        const map = JSON.parse(readFileSync(join(installed, path), "utf8")) as { sources: string[] };
        return map.sources.map((source) => join(dirname(path), source));
      });
    expect(sources).to.include.members([
      "src/boot/start.ts",
      "src/instrument/probe.ts",
      "instrumentations/sqlite/wal.ts",
    ]);
    // What a chunk takes from another file has no source but that of the other.
    const own = sources.filter((source) => !/node_modules\/|(?:core|shared):/.test(source));
    expect(own.filter((source) => !existsSync(join(ROOT, source)))).to.deep.equal([]);
  });

  it("depends only on packages that it loads or has in its types", () => {
    const loaded = packed
      .filter((path) => /^dist\/.+\.c?js$/.test(path))
      .flatMap((path) => [
        ...readFileSync(join(installed, path), "utf8").matchAll(/(?:require\(|from )"([^".][^"]*)"/g),
      ])
      .map(([, name]) => name!)
      .filter((name) => !isBuiltin(name));
    const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const known = new Set([...loaded, "@opentelemetry/instrumentation"]);
    expect(Object.keys(dependencies).sort()).to.deep.equal([...known].sort());
  });

  it("is visible to an application with an older copy of the API", async () => {
    const other = temporaryFolder();
    const span = `trace.getTracer("app").startSpan("own").end();`;
    writeFileSync(join(other, "package.json"), `{ "name": "shop", "private": true }`);
    writeFileSync(join(other, "app.cjs"), `const { trace } = require("@opentelemetry/api"); ${span}`);
    writeFileSync(join(other, "app.mjs"), `import { trace } from "@opentelemetry/api"; ${span}`);
    npm(other, "install", "--no-audit", "--no-fund", "--prefer-offline", tarball, "@opentelemetry/api@1.9.0");
    for (const file of ["app.cjs", "app.mjs"]) {
      receiver.clear();
      const env = { PATH: process.env["PATH"], ...receiver.env };
      const child = spawn(process.execPath, ["--require", "stratascope/register", file], { cwd: other, env });
      expect(await new RunningApp(child).ended).to.include({ code: 0, stdout: "", stderr: "" });
      expect(receiver.spans.map(({ name }) => name)).to.deep.equal(["own"]);
    }
  });

  it("has no install script", () => {
    // npm complains of `prepare` where a package comes from a file, but runs it only where it comes from git.
    const complaints = installation.split("\n").filter((line) => line.includes("stratascope@"));
    expect(complaints.filter((line) => !line.endsWith("(prepare: npm run build)"))).to.deep.equal([]);
    const { scripts = {} } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      scripts?: Record<string, string>;
    };
    expect(["preinstall", "install", "postinstall"].filter((name) => name in scripts)).to.deep.equal([]);
  });
});
