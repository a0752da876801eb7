/**
 * Prints the telemetry that stratascope records for usearch:
 *
 *     OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/usearch/example.ts
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Index, MetricKind } from "usearch";

/** A class of the application, whose name is that of the index. */
class Places extends Index {}

const places = new Places(2, MetricKind.L2sq);
places.add([1n, 2n, 3n], Float32Array.of(0, 1, 2, 3, 4, 5));
console.log(places.search(Float32Array.of(2, 2), 2, 0).keys);
places.remove(2n);
places.save(join(tmpdir(), "places.usearch"));
