import { defineInstrumentation, type Instrumentation } from "../../src/instrument/definition.ts";
import { patch, patchAddon } from "./patch.ts";

/** Engine for better-sqlite3: synchronous SQLite, one connection per `Database`. */
export const betterSqlite3: Instrumentation = defineInstrumentation({
  id: "better-sqlite3",
  modules: [{ name: "better-sqlite3", file: "lib/database.js", versions: ["11.0.0", "14.0.0"] }],
  layers: ["operation", "transaction", "wal", "snapshot", "compaction", "search"],
  patch,
  addon: { file: /better[_-]sqlite3|^(?:darwin|linux|linuxmusl|win32)-/, patch: patchAddon },
});
