/**
 * Prints the telemetry that stratascope records for flexsearch:
 *
 *     OTEL_METRICS_EXPORTER=console node --require ./register instrumentations/flexsearch/example.ts
 */
import { Index } from "flexsearch";

const words = new Index({ tokenize: "forward" });
words.add(1, "a row of seats");
words.add(2, "a page of a book");
words.update(1, "a row of a table");
console.log(words.search("boo"));
words.remove(2);
words.export((part) => console.log(part));
