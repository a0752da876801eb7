import type { Recipe } from "../definitions/queries.ts";
import { Query, type Vocabulary } from "./promql.ts";

/**
 * Writes the page of queries by subject.
 * @throws QueryError
 */
export function emitQueryPage(recipes: Readonly<Record<string, readonly Recipe[]>>, vocabulary: Vocabulary): string {
  const sections = Object.entries(recipes).map(([subject, rows]) => {
    const lines = rows.map(
      ([question, query]) => `| ${question} | \`${new Query(query, vocabulary).text.replaceAll("|", "\\|")}\` |`,
    );
    return [`## ${subject}`, ["| | |", "| --- | --- |", ...lines].join("\n")].join("\n\n");
  });
  return `<!-- Generated from collector-config/definitions/queries.ts by \`npm run generate\`. Do not edit. -->

# Queries

What is asked most often, in PromQL; the [dashboards](grafana/dashboards) have the same and more. \`A:B:C\` are recording rules of
[rules/](prometheus/rules). What an engine does not report has no series; each engine's page says what it does.

${sections.join("\n\n")}
`;
}
