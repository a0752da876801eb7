/**
 * Prints the telemetry that stratascope records for cacheable:
 *
 *     OTEL_TRACES_EXPORTER=console OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/cacheable/example.ts
 */
import { Cacheable } from "cacheable";

// The cache has the name of its namespace.
const words = new Cacheable({ namespace: "words" });
const load = async (): Promise<string> => "one side of a sheet";

// A miss with a load, and a hit.
console.log(await words.getOrSet("page", load));
console.log(await words.getOrSet("page", load));
