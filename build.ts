/** Builds what is installed: `npm run build`, before `tsc` writes the declarations of types. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

/** There is one of what `main.ts` holds, however many of our files use it: they find it at this path. */
const oneMain = (path: string): Plugin => ({
  name: "one-main",
  setup({ onResolve }) {
    onResolve({ filter: /\/main\.ts$/ }, (imported) => {
      const file = join(imported.resolveDir, imported.path);
      const isMain = imported.kind !== "entry-point" && file === join(import.meta.dirname, "src/main.ts");
      return isMain ? { path, external: true } : undefined;
    });
  },
});

const options = {
  outdir: "dist",
  outbase: ".",
  bundle: true,
  platform: "node",
  target: "node22.15",
  metafile: true,
} as const satisfies BuildOptions;

/** What OpenTelemetry's licence asks for. */
const licence = "/*! With packages of OpenTelemetry JS, Copyright The OpenTelemetry Authors, Apache-2.0 */";
const banner = { js: licence };

/** A test of the application can replace the timers by its own, which are to hold none of ours. */
const TIMERS = "setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, clearImmediate, queueMicrotask";

const commonjs = {
  ...options,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
} as const satisfies BuildOptions;

rmSync("dist", { recursive: true, force: true });
const built = await Promise.all([
  build({
    ...commonjs,
    entryPoints: ["src/main.ts", "src/otlp/wire.ts"],
    // An import of `node:http` reads all it exports, and so loads undici; with --jitless Node.js 22 dies of that.
    supported: { "dynamic-import": false },
    // The packages of OpenTelemetry are built in: to find and read their 200 files takes longer than all the rest.
    mainFields: ["module", "main"],
    // A directive counts in front of everything else.
    banner: { js: `${licence}\n"use strict";\nconst { ${TIMERS} } = globalThis;` },
    // Imported by something that is not used; built in, they would have the API initialised piece by piece.
    external: ["./getMachineId-*"],
    // For src/source-stack.ts. A file that names its map is 15 ms slower to load with `--enable-source-maps`.
    sourcemap: "external",
    sourcesContent: false,
  }),
  build({
    ...commonjs,
    entryPoints: ["src/late.ts"],
    plugins: [oneMain("./main.cjs")],
    mainFields: ["module", "main"],
    banner,
    external: ["yaml"],
  }),
  build({ ...commonjs, entryPoints: ["src/otlp/proxy.ts"], plugins: [oneMain("../main.cjs")] }),
  // These share the packages that sdk-node and an instrumentation bring.
  build({
    ...commonjs,
    entryPoints: ["src/sdk/declarative.ts", "src/sdk/instrumentation-http.ts"],
    plugins: [oneMain("../main.cjs")],
    packages: "external",
  }),
  // An ES module of the application finds the copies of the API that it has itself.
  build({
    ...options,
    format: "esm",
    entryPoints: ["src/index.ts", "src/cli.ts", "semconv/index.ts"],
    plugins: [oneMain("./main.cjs")],
    packages: "external",
  }),
]);

/** What has none, and is there twice. */
const STATELESS = ["semconv/index.ts", "src/listener/socket-place.ts", "src/scope.ts"];

/** What has state must not be there twice. */
const ours = built
  .flatMap(({ metafile }) => Object.values(metafile.outputs))
  .flatMap(({ inputs }) => Object.keys(inputs))
  .filter((path) => !path.includes("node_modules/") && !STATELESS.includes(path));
const twice = ours.filter((path, i) => ours.indexOf(path) !== i);
if (twice.length > 0) throw new Error(`in more than one file, to be taken from main.ts: ${twice.join(", ")}`);
