/**
 * Prints the telemetry that stratascope records for @orama/orama:
 *
 *     OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/orama/example.ts
 */
import { create, insertMultiple, search, update } from "@orama/orama";

// The database has the name of its id.
const words = create({ id: "words", schema: { text: "string", place: "vector[2]" } as const });
await insertMultiple(words, [
  { id: "row", text: "a row of seats", place: [1, 0] },
  { id: "page", text: "a page of a book", place: [0, 1] },
]);
await update(words, "row", { id: "row", text: "a row of a table", place: [1, 1] });

const { hits } = await search(words, { term: "book", limit: 5 });
console.log(hits.map(({ id }) => id));
const nearest = await search(words, { mode: "vector", vector: { value: [1, 0], property: "place" }, similarity: 0.5 });
console.log(nearest.hits.map(({ id }) => id));
