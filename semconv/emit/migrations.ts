import type { Change, Migration, Renaming } from "../migration.ts";

const INTRODUCTION = `<!-- Generated from semconv/registry and semconv/releases by \`npm run generate\`. Do not edit. -->

# Migrations

What each version changed of the names and definitions in [the reference](README.md). \`migrations.json\` has the same for programs.

\`\`\`
npx stratascope migrate-queries --check dashboards/*.json rules/*.yaml   # shows what would change
npx stratascope migrate-queries dashboards/*.json rules/*.yaml
\`\`\`

The command replaces names and labels in Grafana's JSON, in Prometheus' YAML and in any other text with queries, and lists the
queries that a person has to look at.`;

/** Writes the page of the migrations, the latest first. */
export function emitMigrations(migrations: readonly Migration[]): string {
  const sections = migrations.length === 0 ? ["No version has changed a name yet."] : migrations.map(emitMigration);
  return [INTRODUCTION, ...sections.toReversed(), ""].join("\n\n");
}

function emitMigration({ version, since, renamed, changed, prometheus }: Migration): string {
  const { names } = prometheus;
  return [
    `## ${version}, from ${since}`,
    ...tableOf(["renamed", "", "to"], renamed.map(rowOf)),
    ...tableOf(
      ["in Prometheus", "to"],
      Object.entries(names).map(([from, to]) => [code(from), code(to)]),
    ),
    ...tableOf(["to be looked at", "", "change", "what to do"], changed.map(changeRow)),
  ].join("\n\n");
}

const code = (text: string): string => `\`${text}\``;

const rowOf = ({ kind, attribute, from, to }: Renaming): string[] => [kindOf(kind, attribute), code(from), code(to)];

const changeRow = ({ kind, attribute, name, change, note }: Change): string[] => [
  kindOf(kind, attribute),
  code(name),
  change,
  note,
];

const kindOf = (kind: string, attribute: string | undefined): string =>
  attribute === undefined ? kind : `${kind} of ${code(attribute)}`;

/** Formats the cells of a row. Each is one line, and a bar would end it. */
const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.trim().replace(/\s+/g, " ").replaceAll("|", "\\|")).join(" | ")} |`;

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  return [[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")];
}
