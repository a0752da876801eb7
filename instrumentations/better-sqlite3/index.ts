import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";
import { loadChunk } from "../../src/runtime/chunks.ts";

const PATCH = "instrumentations/better-sqlite3/patch";

/** Engine for better-sqlite3: synchronous SQLite, one connection per `Database`. */
export const betterSqlite3: Instrumentation = defineInstrumentation({
  id: "better-sqlite3",
  modules: [{ name: "better-sqlite3", file: "lib/database.js", versions: ["11.0.0", "14.0.0"] }],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction", "search"],
  patch: patchIn(PATCH),
  addon: {
    file: /better[_-]sqlite3|^(?:darwin|linux|linuxmusl|win32)-/,
    patch: (exports) => loadChunk<typeof import("./patch.ts")>(PATCH).patchAddon(exports),
  },
});
