import { readFileSync, writeFileSync } from "node:fs";
import { compareVersions, type Migration } from "../../semconv/migration.ts";
import ownMigrations from "../../semconv/migrations.json" with { type: "json" };
import { rewrite, type Replacement, type Review } from "./rewrite.ts";

export interface MigrationOptions {
  /** True if nothing is written. */
  readonly isDryRun: boolean;
  /** Version the queries were written for; by default the first one. */
  readonly from?: string | undefined;
  /** File with migrations, if not those of this version. */
  readonly list?: string | undefined;
}

export interface Outcome {
  /** Changes that were made, and uses that need manual review, one line each. */
  readonly lines: readonly string[];
  /** True if a file was changed, or would be. */
  readonly isChanged: boolean;
}

/**
 * Rewrites the queries in files from the names of an earlier version to those of this one.
 * @throws if a file cannot be read or written
 */
export function migrateFiles(files: readonly string[], options: MigrationOptions): Outcome {
  const migrations = migrationsAfter(options.from, options.list);
  const migrated = files.map((file) => ({ file, ...migrateText(read(file), migrations) }));
  const changed = migrated.filter(({ replacements }) => replacements.length > 0);
  if (!options.isDryRun) for (const { file, text } of changed) writeFileSync(file, text);
  return { lines: [...migrated.flatMap(linesOf), summaryOf(migrated, options)], isChanged: changed.length > 0 };
}

function migrationsAfter(from: string | undefined, list: string | undefined): readonly Migration[] {
  if (from !== undefined && !/^\d{1,9}(?:\.\d{1,9}){2}$/.test(from)) {
    throw new Error(`--from ${from} is no version such as 1.2.0`);
  }
  const all = list === undefined ? (ownMigrations as unknown) : JSON.parse(read(list));
  return (all as readonly Migration[]).filter(
    ({ version }) => from === undefined || compareVersions(version, from) > 0,
  );
}

interface Migrated {
  readonly text: string;
  readonly replacements: readonly Replacement[];
  readonly reviews: readonly Review[];
}

function migrateText(text: string, migrations: readonly Migration[]): Migrated {
  let migrated: Migrated = { text, replacements: [], reviews: [] };
  for (const { prometheus } of migrations) {
    const next = rewrite(migrated.text, prometheus);
    migrated = {
      text: next.text,
      replacements: [...migrated.replacements, ...next.replacements],
      reviews: [...migrated.reviews, ...next.reviews],
    };
  }
  return migrated;
}

/** Reads a text file. Other encodings and binary files would be damaged when they are written. */
function read(file: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch (error) {
    throw error instanceof TypeError ? new Error(`${file} is not a text in UTF-8`) : error;
  }
}

function linesOf({ file, replacements, reviews }: Migrated & { readonly file: string }): string[] {
  const lines = [
    ...replacements.map(({ line, from, to }) => ({ line, text: `${from} -> ${to}` })),
    ...reviews.map(({ line, name, reason }) => ({ line, text: `look at ${name}: ${reason}` })),
  ];
  const texts = lines.sort((a, b) => a.line - b.line).map(({ line, text }) => `${file}:${line}: ${text}`);
  return [...new Set(texts)];
}

function summaryOf(migrated: readonly Migrated[], { isDryRun }: MigrationOptions): string {
  const count = (of: (each: Migrated) => number): number => migrated.reduce((sum, each) => sum + of(each), 0);
  const replacements = count((each) => each.replacements.length);
  const reviews = count((each) => each.reviews.length);
  const done = `${replacements} ${isDryRun ? "to replace" : "replaced"}`;
  return reviews === 0 ? done : `${done}, ${reviews} to look at`;
}
