/**
 * Instrumentation of a package that knows nothing of it: `node --import ./lowdb.ts`, after the register. It observes the
 * reads and writes of all databases of `lowdb`, which are JSON files.
 */
import type { Low, LowSync } from "lowdb";
import { database, defineInstrumentation, observe } from "stratascope/instrument";

/** What the file of the package exports. */
interface Exports {
  readonly Low: { readonly prototype: Low<object> };
  readonly LowSync: { readonly prototype: LowSync<object> };
}

observe(
  defineInstrumentation({
    id: "lowdb",
    modules: [{ name: "lowdb", file: "lib/core/Low.js", versions: ["7.0.0", "8.0.0"] }],
    layers: ["operation"],
    patch(exports, probe) {
      const { Low, LowSync } = exports as Exports;
      // All files of the process are one database: they have no names.
      const db = database({ system: "lowdb", namespace: "files" });
      const read = db.operation("read", { name: "read" });
      const write = db.operation("write", { name: "write" });
      // `update` calls `write`.
      probe.async(Low.prototype, "read", () => read);
      probe.async(Low.prototype, "write", () => write);
      probe.sync(LowSync.prototype, "read", () => read, "none");
      probe.sync(LowSync.prototype, "write", () => write, "none");
    },
  }),
);
