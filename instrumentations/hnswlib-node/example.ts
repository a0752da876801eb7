/**
 * Prints the telemetry that stratascope records for hnswlib-node:
 *
 *     OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/hnswlib-node/example.ts
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import hnswlib from "hnswlib-node";

/** A class of the application, whose name is that of the index. */
class Places extends hnswlib.HierarchicalNSW {}

const places = new Places("l2", 2);
places.initIndex(100);
for (let i = 0; i < 10; i++) places.addPoint([i, i % 3], i);
console.log(places.searchKnn([4, 1], 3).neighbors);
places.markDelete(4);
await places.writeIndex(join(tmpdir(), "places.hnsw"));
