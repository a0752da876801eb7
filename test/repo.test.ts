import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { engines } from "../instrumentations/index.ts";
import { canHookEsModules } from "../src/boot/es-modules.ts";
import { SCOPE } from "../src/runtime/package-info.ts";
import { METRICS } from "./conformance/layers.ts";
import { REGISTER, ROOT } from "./helpers/app.ts";
import { needs, packagesOf } from "./helpers/drivers.ts";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Folders beside the engines that are none. */
const SHARED = ["files", "frameworks", "http", "layers", "loggers", "lsm", "process", "sql", "sqlite"];

const engineFolders = readdirSync(join(ROOT, "instrumentations"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !SHARED.includes(entry.name))
  .map(({ name }) => name)
  .sort();

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly resolved?: string }>>;
}

/** Engines beside the caches whose examples import an ES module. */
const IMPORTED: ReadonlySet<string> = new Set(["flexsearch", "minisearch", "orama", "usearch"]);

/** Engines whose packages are compiled for the tests. */
const COMPILED = { "hnswlib-node": "hnswlib-node", "node-sqlite3": "sqlite3" } as const;

/** Returns the file of an example that finds the package of its engine; one that is compiled is elsewhere. */
function exampleOf(engine: string, compiled: (typeof COMPILED)[keyof typeof COMPILED] | undefined): string {
  const example = join(ROOT, "instrumentations", engine, "example.ts");
  if (compiled === undefined) return example;
  const [[, place]] = packagesOf(compiled) as [[string, string]];
  const copy = join(place, "../../example.ts");
  cpSync(example, copy);
  return copy;
}

describe("the repository", () => {
  it("lists every engine that has a folder, alphabetically", () => {
    expect(engines.map(({ id }) => id)).to.deep.equal(engineFolders);
  });

  for (const folder of engineFolders) {
    it(`has the files of an engine in ${folder}`, () => {
      const files = readdirSync(join(ROOT, "instrumentations", folder));
      expect(files).to.include.members(["README.md", "example.ts", "index.ts", "patch.ts"]);
      expect(existsSync(join(ROOT, "test/instrumentations", folder, "conformance.test.ts"))).to.equal(true);
    });

    it(`has an example of ${folder} that runs`, async function () {
      const { layers } = engines.find(({ id }) => id === folder)!;
      if ((layers.includes("cache") || IMPORTED.has(folder)) && !canHookEsModules()) this.skip();
      const compiled = folder in COMPILED ? COMPILED[folder as keyof typeof COMPILED] : undefined;
      if (compiled !== undefined) await needs(compiled, this);
      const env = {
        ...process.env,
        OTEL_TRACES_EXPORTER: "none",
        OTEL_LOGS_EXPORTER: "none",
        OTEL_METRICS_EXPORTER: "console",
      };
      const example = exampleOf(folder, compiled);
      const output = execFileSync(process.execPath, ["--require", REGISTER, example], { env, encoding: "utf8" });
      const names = Array.from(output.matchAll(/name: '([\w.]+)'/g), ([, name]) => name!);
      // A layer has more to show than its operations.
      const shown = layers.filter((layer) => layer !== "operation" && names.some((name) => METRICS[layer].test(name)));
      expect(shown).to.not.deep.equal([]);
    });

    it(`lists ${folder} in the table of engines`, () => {
      expect(read("instrumentations/README.md")).to.contain(`[${folder}](${folder}/README.md)`);
    });
  }

  it("has no broken link, and a README of at most 150 lines", () => {
    const pages = globSync("**/*.md", { cwd: ROOT, exclude: (path) => /node_modules|peers/.test(path) });
    const broken = pages.flatMap((page) => {
      const links = read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g);
      return Array.from(links, ([, link]) => join(dirname(page), link!)).filter(
        (path) => !existsSync(join(ROOT, path)),
      );
    });
    expect(broken).to.deep.equal([]);
    expect(read("README.md").split("\n").length).to.be.at.most(150);
  });

  it("contains its version once", () => {
    const { version } = JSON.parse(read("package.json")) as { version: string };
    expect(SCOPE.version).to.equal(version);
    expect(read("semconv/registry/manifest.yaml")).to.contain(`/${version}\n`);
  });

  it("installs one copy of each package of OpenTelemetry", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as Lock;
    const paths = Object.keys(packages).filter(
      (path) => packages[path]!.dev !== true && /\/@opentelemetry\/[^/]+$/.test(path),
    );
    const nested = paths.filter((path) => path.lastIndexOf("node_modules/") > 0);
    expect(nested).to.deep.equal([]);
  });

  for (const lock of globSync(["package-lock.json", "test/bench/peers/*/package-lock.json"], { cwd: ROOT })) {
    it(`names no machine, registry or credential in ${lock}`, () => {
      const { packages } = JSON.parse(read(lock)) as Lock;
      const hosts = Object.values(packages).flatMap(({ resolved }) =>
        resolved === undefined ? [] : new URL(resolved).host,
      );
      expect(hosts.filter((host) => host !== "registry.npmjs.org")).to.deep.equal([]);
    });
  }

  it("reads the environment in one place, and writes it nowhere", () => {
    const files = globSync(["src/**/*.ts", "instrumentations/**/*.ts"], { cwd: ROOT });
    const readers = files.filter((file) => read(file).includes("process.env"));
    expect(readers.sort()).to.deep.equal(["src/config/index.ts"]);
  });

  it("writes names of metrics and attributes only in the registry", () => {
    const files = globSync(["src/**/*.ts", "instrumentations/**/*.ts"], { cwd: ROOT }).filter(
      (file) => !file.endsWith("example.ts"),
    );
    const names = /"(storage|db)\.[a-z_.]+"/g;
    const found = files.flatMap((file) => (read(file).match(names) ?? []).map((name) => `${file}: ${name}`));
    expect(found).to.deep.equal([]);
  });

  it("has the exports of its manifest", () => {
    const { exports } = JSON.parse(read("package.json")) as { exports: Record<string, string> };
    for (const path of Object.values(exports)) expect(existsSync(join(ROOT, path)), path).to.equal(true);
  });
});
