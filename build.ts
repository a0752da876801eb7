/** Builds what is installed: `npm run build`, after `tsc` has written the declarations of types. */
import { build, type BuildOptions, type Plugin } from "esbuild";

const options = {
  outdir: "dist",
  outbase: ".",
  bundle: true,
  platform: "node",
  target: "node22.15",
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** There is one of what `main.ts` holds, however many of our files use it. */
const oneMain: Plugin = {
  name: "one-main",
  setup({ onResolve }) {
    onResolve({ filter: /\/main\.ts$/ }, ({ kind, path }) =>
      kind === "entry-point" ? undefined : { path: path.replace(/ts$/, "cjs"), external: true },
    );
  },
};

const commonjs = {
  ...options,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { "import.meta.filename": "__filename", "import.meta.dirname": "__dirname" },
  plugins: [oneMain],
} as const satisfies BuildOptions;

/** With the packages of OpenTelemetry, so that few files are read. */
const whole: BuildOptions = {
  ...commonjs,
  mainFields: ["module", "main"],
  // Imported on demand by what is left out; with them the API would be set up in pieces.
  external: ["./getMachineId-*"],
  banner: { js: "/*! Contains packages of OpenTelemetry JS, Copyright The OpenTelemetry Authors, Apache-2.0. */" },
};

const built = await Promise.all([
  build({ ...whole, entryPoints: ["src/main.ts", "src/otlp/wire.ts"] }),
  // sdk-node and an instrumentation bring the packages they are to share with us.
  build({
    ...commonjs,
    packages: "external",
    entryPoints: ["src/sdk/declarative.ts", "src/sdk/instrumentation-http.ts"],
  }),
]);
// Of the API, the copy that the application has.
await build({ ...options, format: "esm", packages: "external", plugins: [oneMain], entryPoints: ["src/index.ts"] });
await build({ ...options, format: "esm", bundle: false, entryPoints: ["semconv/index.ts"] });

const ours = built
  .flatMap(({ metafile }) => Object.values(metafile.outputs))
  .flatMap(({ inputs }) => Object.keys(inputs))
  .filter((path) => !path.includes("node_modules/"));
const twice = ours.filter((path, i) => ours.indexOf(path) !== i);
if (twice.length > 0) throw new Error(`would be there twice, take it from main.ts: ${[...new Set(twice)].join(", ")}`);
