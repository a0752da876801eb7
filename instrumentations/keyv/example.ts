/**
 * Prints the telemetry that stratascope records for keyv:
 *
 *     OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/keyv/example.ts
 */
import { Keyv } from "keyv";

// The cache has the name of its namespace.
const words = new Keyv<string>({ namespace: "words" });
await words.set("page", "one side of a sheet");
console.log(await words.get("page"), await words.get("row"));
console.log(await words.getMany(["page", "row"]));
