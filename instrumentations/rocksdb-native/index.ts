import { defineInstrumentation, patchIn, type Instrumentation } from "../../src/instrument/definition.ts";

/** Engine for rocksdb-native: RocksDB, asynchronous. */
export const rocksdbNative: Instrumentation = defineInstrumentation({
  id: "rocksdb-native",
  modules: [{ name: "rocksdb-native", file: "index.js", versions: ["3.18.0", "3.19.0"] }],
  layers: ["operation", "wal", "snapshot", "compaction"],
  patch: patchIn("instrumentations/rocksdb-native/patch"),
});
