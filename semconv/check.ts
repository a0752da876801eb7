/**
 * Reports what a change of the registry breaks since the last release, one line each, and fails if that is not declared.
 *
 *     npm run check:registry
 */
import { compare } from "./compare.ts";
import { isEmpty } from "./history.ts";
import { readReleases, RELEASES } from "./release.ts";
import { loadRegistry } from "./resolve.ts";
import { runCommand } from "./source.ts";

function main(): void {
  const last = readReleases(RELEASES).at(-1);
  if (last === undefined) return console.log(`no version is released: ${RELEASES} is empty`);
  const { breaks, migration } = compare(last, loadRegistry("semconv/registry"));
  for (const line of breaks) console.error(line);
  if (breaks.length > 0) process.exitCode = 1;
  else if (isEmpty(migration)) console.log(`the registry breaks nothing since ${last.version}`);
  else console.log(`what the registry breaks since ${last.version} is declared: see semconv/MIGRATIONS.md`);
}

runCommand(main);
