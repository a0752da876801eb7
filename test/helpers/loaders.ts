import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { App, REGISTER, ROOT, type Ended } from "./app.ts";
import { nodeOf } from "./nodes.ts";
import { folderWith } from "./packages.ts";
import type { Receiver } from "./receiver.ts";

/** Module loader of Node.js, and the application that it loads. */
export interface Loader {
  /** Options of Node.js; evaluated late, as they may install a package. */
  readonly flags: () => readonly string[];
  /** Application to load. */
  readonly app: "app.mjs" | "app.ts" | "app.cts";
  /** Settings of the loader. */
  readonly env?: () => Readonly<Record<string, string>>;
}

const own = (file: string): Loader => ({
  flags: () => ["--import", `./${file}.mjs`],
  app: "app.mjs",
});

/** Installs a package with those that it requires, and returns the path of one of its files. */
const fileOf = (file: string, name: string, version: string, others: readonly string[] = []): string =>
  join(folderWith(name, version, others), "node_modules", name, file);

const urlOf = (path: string): string => pathToFileURL(path).href;
const TYPESCRIPT = "typescript@5.9.3";
const tsx = (): string[] => ["--import", urlOf(fileOf("dist/loader.mjs", "tsx", "4.23.15"))];
const tsNode = (file: string): string => fileOf(file, "ts-node", "10.9.2", [TYPESCRIPT, "@types/node@22.15.0"]);
const swc = (): string => urlOf(fileOf("esm/esm.mjs", "@swc-node/register", "1.12.1", [TYPESCRIPT, "@swc/core@1"]));
/** Returns the environment for ts-node, which does not support the TypeScript version of this repository. */
const tsNodeEnv = (): Record<string, string> => ({
  TS_NODE_COMPILER: tsNode("../typescript"),
  TS_NODE_SKIP_PROJECT: "true",
  TS_NODE_COMPILER_OPTIONS: `{"module":"nodenext","moduleResolution":"nodenext"}`,
});

const iitm = pathToFileURL(join(ROOT, "node_modules/import-in-the-middle/hook.mjs")).href;
const registers = (url: string): string =>
  `data:text/javascript,${encodeURIComponent(`import { register } from "node:module"; register(${JSON.stringify(url)});`)}`;

export const LOADERS: Readonly<Record<string, Loader>> = {
  "no loader": { flags: () => [], app: "app.mjs" },
  "module.register, passes on": own("passes-on"),
  "module.register, resolves": own("resolves"),
  "module.register, reads": own("reads"),
  "import-in-the-middle": { flags: () => ["--import", registers(iitm)], app: "app.mjs" },
  "the hook of OpenTelemetry": {
    flags: () => [
      "--import",
      registers(pathToFileURL(join(ROOT, "node_modules/@opentelemetry/instrumentation/hook.mjs")).href),
    ],
    app: "app.mjs",
  },
  "registerHooks, passes on": own("sync-hooks"),
  "registerHooks, reads": own("sync-source"),
  "Module._extensions": own("extensions"),
  "Module.prototype._compile": own("compile"),
  "Module._load": own("load"),
  "tsx, ES modules": { flags: tsx, app: "app.ts" },
  "tsx, CommonJS": { flags: tsx, app: "app.cts" },
  "tsx and import-in-the-middle": { flags: () => [...tsx(), "--import", registers(iitm)], app: "app.ts" },
  "ts-node, CommonJS": {
    env: tsNodeEnv,
    flags: () => ["--require", tsNode("register/transpile-only.js")],
    app: "app.cts",
  },
  "ts-node/esm": { env: tsNodeEnv, flags: () => ["--loader", urlOf(tsNode("esm/transpile-only.mjs"))], app: "app.ts" },
  "@swc-node/register/esm": { flags: () => ["--import", registers(swc())], app: "app.ts" },
};

/** Runs an application with a loader, alone and observed. */
export async function compare(loader: Loader, version: string, receiver: Receiver): Promise<void> {
  const app = new App("loaders");
  const flags = ["--no-warnings", ...loader.flags()];
  const run = (preload: readonly string[]): Promise<Ended> =>
    app.run(loader.app, {
      node: nodeOf(version),
      flags: [...preload, ...flags],
      env: { ...receiver.env, ...loader.env?.() },
    });
  const bare = await run([]);
  expect(bare.stderr, "without us").to.equal("");
  receiver.clear();
  expect(await run(["--require", REGISTER])).to.deep.equal(bare);
  // Five for each of the five ways.
  expect(inserted(receiver)).to.equal(25);
}

/** Returns the number of received INSERT operations. */
function inserted(receiver: Receiver): number {
  const points = receiver.latest.get("db.client.operation.duration")?.points ?? [];
  return points
    .filter(({ attributes }) => attributes["db.operation.name"] === "INSERT")
    .reduce((sum, { count }) => sum + Number(count), 0);
}
