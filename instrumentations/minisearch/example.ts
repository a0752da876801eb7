/**
 * Prints the telemetry that stratascope records for minisearch:
 *
 *     OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/minisearch/example.ts
 */
import MiniSearch from "minisearch";

/** A class of the application, whose name is that of the index. */
class Words extends MiniSearch<{ id: number; text: string }> {}

const words = new Words({ fields: ["text"] });
words.addAll([
  { id: 1, text: "a row of seats" },
  { id: 2, text: "a page of a book" },
  { id: 3, text: "a book with a hard cover" },
]);
console.log(words.search("book").map(({ id }) => id));
console.log(words.autoSuggest("se").map(({ suggestion }) => suggestion));
words.discard(3);
await words.vacuum();
console.log(JSON.stringify(words).length);
