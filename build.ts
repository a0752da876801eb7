/** Builds what is installed: `npm run build`, before `tsc` writes the declarations of types. */
import { globSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild";

const ROOT = import.meta.dirname;

/** Runs from the start, and is built into one file. */
const CORE = "src/core.ts";
const CORE_FILE = "src/core.cjs";

/** Loaded when they are first needed, each a file of its own with all it imports that the core does not hold. */
const CHUNKS = [
  "src/export/spool/spool.ts",
  "src/admin/index.ts",
  "src/server/listening.ts",
  "src/export/otlp/proxy.ts",
  "src/export/otlp/sending.ts",
  "src/export/otlp/traces-copy.ts",
  "src/export/otlp/traces-copy-exporter.ts",
  "src/sdk/metrics.ts",
  // An engine is loaded with its package; the one built into Node.js is patched at the start, and is in the core.
  ...globSync("instrumentations/*/patch.ts", { cwd: ROOT, exclude: ["instrumentations/node-sqlite/patch.ts"] }),
];

/** Chunks that share the packages that sdk-node and an instrumentation bring. */
const CHUNKS_OF_PACKAGES = ["src/sdk/declarative/index.ts", "src/sdk/instrumentation-http.ts"];

/** ES modules, which find the copies of the API that the application has. */
const MODULES = ["src/index.ts", "src/instrument.ts", "src/cli.ts", "semconv/index.ts"];

/** Have no state, and are in more than one file. */
const STATELESS = ["semconv/index.ts", "src/server/socket-place.ts", "src/runtime/package-info.ts"];

const options = {
  absWorkingDir: ROOT,
  outbase: ".",
  bundle: true,
  platform: "node",
  target: "node22.15",
} as const satisfies BuildOptions;

/** What OpenTelemetry's licence asks for. */
const licence = "/*! With packages of OpenTelemetry JS, Copyright The OpenTelemetry Authors, Apache-2.0 */";

/** A test of the application can replace the timers by its own, which are to hold none of ours. */
const TIMERS = "setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, queueMicrotask";

/** Lines in front of a file. A directive counts in front of everything else. */
const header = (...lines: string[]): { js: string } => ({ js: [licence, '"use strict";', ...lines].join("\n") });

const commonjs = {
  ...options,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
  // An import of `node:http` reads all it exports, and so loads undici; with --jitless Node.js 22 dies of that.
  supported: { "dynamic-import": false },
  // The packages of OpenTelemetry are built in: to find and read their 200 files takes longer than all the rest.
  mainFields: ["module", "main"],
  // The first is imported by something that is not used, the others by what few applications ask for.
  external: ["./getMachineId-*", "yaml", "@opentelemetry/exporter-trace-otlp-http"],
  // For src/runtime/source-map.ts. A file that names its map is 15 ms slower to load with `--enable-source-maps`.
  sourcemap: "external",
  sourcesContent: false,
} as const satisfies BuildOptions;

const pathOf = (file: string): string => relative(ROOT, file).replaceAll(sep, "/");

/** Builds. @returns the files of ours, with state, that are in what was written */
async function statefulIn(what: BuildOptions): Promise<string[]> {
  const { metafile } = await build({ ...what, metafile: true });
  return inputsOf(metafile).filter((path) => /^(src|instrumentations)\//.test(path) && !STATELESS.includes(path));
}

const inputsOf = ({ outputs }: Metafile): string[] =>
  Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));

/** Builds the core with all it exports: its entry, and by their paths the modules that chunks have from it. */
function buildCore(shared: Iterable<string>): Promise<string[]> {
  const paths = [...shared].sort();
  const contents = [
    `export * from "./${CORE}";`,
    ...paths.map((path, i) => `import * as module${i} from "./${path}";`),
    `export const timers = { ${TIMERS} };`,
    `export const modules = { ${paths.map((path, i) => `"${path}": module${i}`).join(", ")} };`,
  ].join("\n");
  const stdin = { contents, resolveDir: ROOT, sourcefile: "build.ts" };
  return statefulIn({
    ...commonjs,
    banner: header(`const { ${TIMERS} } = globalThis;`),
    stdin,
    outfile: `dist/${CORE_FILE}`,
  });
}

/** What a chunk calls what it has from the core. */
const MODULES_OF_CORE = "modulesOfCore";

/** Has a chunk take our files that the core holds from there, so that there is one of each, and notes which. */
const fromCore = (held: ReadonlySet<string>, shared: Set<string>): Plugin => ({
  name: "from-core",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, kind, resolveDir }) => {
      const file = pathOf(join(resolveDir, path));
      return kind !== "entry-point" && held.has(file) ? { path: file, namespace: "core" } : undefined;
    });
    onLoad({ filter: /./, namespace: "core" }, ({ path }) => {
      shared.add(path);
      return { contents: `module.exports = ${MODULES_OF_CORE}[${JSON.stringify(path)}];` };
    });
  },
});

/** Builds the chunks. @returns the files of each that are ours and have state */
function buildChunks(held: ReadonlySet<string>, shared: Set<string>): Promise<string[][]> {
  const chunk = (entry: string, more: BuildOptions = {}): Promise<string[]> => {
    const core = `./${relative(dirname(entry), CORE_FILE).replaceAll(sep, "/")}`;
    const banner = header(`const { modules: ${MODULES_OF_CORE}, timers: { ${TIMERS} } } = require("${core}");`);
    const plugins = [fromCore(held, shared)];
    return statefulIn({ ...commonjs, banner, plugins, entryPoints: [entry], outdir: "dist", ...more });
  };
  return Promise.all([
    ...CHUNKS.map((entry) => chunk(entry)),
    ...CHUNKS_OF_PACKAGES.map((entry) => chunk(entry, { packages: "external" })),
  ]);
}

/** An ES module finds the core by the file it is built into. */
const coreOutside: Plugin = {
  name: "core-outside",
  setup({ onResolve }) {
    onResolve({ filter: /\/core\.ts$/ }, () => ({ path: "./core.cjs", external: true }));
  },
};

/** What is in more than one of several lists. */
function repeated(lists: readonly string[][]): string[] {
  const all = lists.flat();
  return [...new Set(all.filter((each, i) => all.indexOf(each) !== i))];
}

rmSync(join(ROOT, "dist"), { recursive: true, force: true });
const held = new Set(await buildCore([]));
const shared = new Set<string>();
let chunks = await buildChunks(held, shared);
// What two chunks have in common is held by the core as well, for as long as that shows more of it.
for (let common = repeated(chunks); common.length > 0; common = repeated(chunks)) {
  for (const path of common) held.add(path);
  chunks = await buildChunks(held, shared);
}
const core = await buildCore(shared);
const modules = await statefulIn({
  ...options,
  format: "esm",
  entryPoints: MODULES,
  outdir: "dist",
  plugins: [coreOutside],
  packages: "external",
});

// What has state must not be there twice.
const twice = repeated([core, modules, ...chunks]);
if (twice.length > 0) throw new Error(`in more than one file: ${twice.join(", ")}`);
