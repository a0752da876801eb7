import {
  defineInstrumentation,
  patchIn,
  type Instrumentation,
  type ModuleTarget,
} from "../../src/instrument/definition.ts";
import { NATIVE, PLATFORMS, PROMISE } from "./files.ts";

const VERSIONS: ModuleTarget["versions"] = ["0.5.0", "0.6.0"];

/** Engine for libsql, a synchronous and an asynchronous class for local databases; `@libsql/client` uses the first. */
export const libsql: Instrumentation = defineInstrumentation({
  id: "libsql",
  modules: [
    { name: "libsql", file: "index.js", versions: VERSIONS },
    { name: "libsql", file: PROMISE, versions: VERSIONS },
    ...PLATFORMS.map((platform) => ({ name: `@libsql/${platform}`, file: NATIVE, versions: VERSIONS })),
  ],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction", "search"],
  patch: patchIn("instrumentations/libsql/patch"),
});
