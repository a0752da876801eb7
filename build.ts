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
];

/** Engines, each loaded with its package. The one built into Node.js is patched at the start, and is in the core. */
const ENGINES = globSync("instrumentations/*/patch.ts", {
  cwd: ROOT,
  exclude: ["instrumentations/node-sqlite/patch.ts"],
}).map((path) => path.replaceAll(sep, "/"));

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

/** Returns lines that import modules and export them by their paths, as `modules`. */
function exporting(paths: readonly string[]): string[] {
  return [
    ...paths.map((path, i) => `import * as module${i} from "./${path}";`),
    `export const modules = { ${paths.map((path, i) => `"${path}": module${i}`).join(", ")} };`,
  ];
}

/** Builds a file of modules, for which there is no source. @returns the files of ours with state that are in it */
const buildModules = (contents: readonly string[], outfile: string, more: BuildOptions): Promise<string[]> => {
  const stdin = { contents: contents.join("\n"), resolveDir: ROOT, sourcefile: "build.ts" };
  return statefulIn({ ...commonjs, stdin, outfile: `dist/${outfile}`, ...more });
};

/** Builds the core with all it exports: its entry, and by their paths the modules that chunks have from it. */
function buildCore(shared: Iterable<string>): Promise<string[]> {
  const contents = [
    `export * from "./${CORE}";`,
    ...exporting([...shared].sort()),
    `export const timers = { ${TIMERS} };`,
  ];
  return buildModules(contents, CORE_FILE, { banner: header(`const { ${TIMERS} } = globalThis;`) });
}

/** What a chunk calls what it has from other files. */
const MODULES_OF_CORE = "modulesOfCore";
const MODULES_IN = "modulesIn";

/** Where the files of ours are that are not in the chunk that imports them. */
interface Places {
  readonly core: Set<string>;
  /** Those that only engines share, by the folder they are in: a file of its own. */
  readonly folders: Map<string, Set<string>>;
  /** Those of the core that chunks import. */
  readonly imported: Set<string>;
}

const sharedFile = (folder: string): string => `${folder}/shared.cjs`;

/** Returns the path of a built file from a folder, as `require` takes it. */
const fromFolder = (folder: string, file: string): string => `./${relative(folder, file).replaceAll(sep, "/")}`;

/** Has a chunk take our files that are elsewhere from there, so that there is one of each. */
const elsewhere = ({ core, folders, imported }: Places, folder: string): Plugin => ({
  name: "elsewhere",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\.?\// }, ({ path, kind, resolveDir }) => {
      const file = pathOf(join(resolveDir, path));
      if (kind === "entry-point") return undefined;
      if (core.has(file)) return { path: file, namespace: "core" };
      const isShared = dirname(file) !== folder && folders.get(dirname(file))?.has(file) === true;
      return isShared ? { path: file, namespace: "shared" } : undefined;
    });
    onLoad({ filter: /./, namespace: "core" }, ({ path }) => {
      imported.add(path);
      return { contents: `module.exports = ${MODULES_OF_CORE}[${JSON.stringify(path)}];` };
    });
    onLoad({ filter: /./, namespace: "shared" }, ({ path }) => {
      const file = fromFolder(folder, sharedFile(dirname(path)));
      return { contents: `module.exports = ${MODULES_IN}(${JSON.stringify(file)})[${JSON.stringify(path)}];` };
    });
  },
});

/** Returns the options of a chunk in a folder. */
const chunkIn = (folder: string, places: Places): BuildOptions => ({
  plugins: [elsewhere(places, folder)],
  banner: header(
    `const { modules: ${MODULES_OF_CORE}, timers: { ${TIMERS} } } = require("${fromFolder(folder, CORE_FILE)}");`,
    `const ${MODULES_IN} = (file) => require(file).modules;`,
  ),
});

/** Files of ours with state that are in the chunks, of each in turn. */
interface Chunks {
  readonly others: readonly string[][];
  readonly engines: readonly string[][];
}

async function buildChunks(places: Places): Promise<Chunks> {
  const chunk = (entry: string, more: BuildOptions = {}): Promise<string[]> =>
    statefulIn({ ...commonjs, ...chunkIn(dirname(entry), places), entryPoints: [entry], outdir: "dist", ...more });
  const folder = (path: string, files: ReadonlySet<string>): Promise<string[]> =>
    buildModules(exporting([...files].sort()), sharedFile(path), chunkIn(path, places));
  const others = await Promise.all([
    ...CHUNKS.map((entry) => chunk(entry)),
    ...CHUNKS_OF_PACKAGES.map((entry) => chunk(entry, { packages: "external" })),
  ]);
  const engines = await Promise.all([
    ...ENGINES.map((entry) => chunk(entry)),
    ...[...places.folders].map(([path, files]) => folder(path, files)),
  ]);
  return { others, engines };
}

/** Gives a place to what is in more than one chunk. @returns false if there is nothing */
function share({ others, engines }: Chunks, { core, folders }: Places): boolean {
  const common = repeated([...others, ...engines]);
  const inOthers = new Set(others.flat());
  for (const path of common) {
    const folder = dirname(path);
    if (inOthers.has(path)) core.add(path);
    else folders.set(folder, (folders.get(folder) ?? new Set<string>()).add(path));
  }
  return common.length > 0;
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
const places: Places = { core: new Set(await buildCore([])), folders: new Map(), imported: new Set() };
let chunks = await buildChunks(places);
// To share a file can show more that is to be shared.
while (share(chunks, places)) chunks = await buildChunks(places);
const core = await buildCore(places.imported);
const modules = await statefulIn({
  ...options,
  format: "esm",
  entryPoints: MODULES,
  outdir: "dist",
  plugins: [coreOutside],
  packages: "external",
});

// What has state must not be there twice.
const twice = repeated([core, modules, ...chunks.others, ...chunks.engines]);
if (twice.length > 0) throw new Error(`in more than one file: ${twice.join(", ")}`);
