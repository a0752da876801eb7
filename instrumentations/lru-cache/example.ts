/**
 * Prints the telemetry that stratascope records for lru-cache:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/lru-cache/example.ts
 */
import { LRUCache } from "lru-cache";

/** The cache has the name of its class. */
class Words extends LRUCache<string, string> {}

const words = new Words({
  max: 2,
  async fetchMethod(word) {
    return `what ${word} means`;
  },
});

// A load, a caller that waits for it, and a hit.
await Promise.all([words.fetch("page"), words.fetch("page")]);
console.log(words.get("page"));

// There is room for one more.
for (const word of ["row", "table"]) words.set(word, `what ${word} means`);
console.log(words.get("page"));
