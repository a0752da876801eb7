/**
 * The floors of the sources: a folder imports only what stands on a floor below its own, types included. The rules of the
 * linter come from here: `node test/checks/floors.ts` writes them into `.oxlintrc.json`.
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { parseSync } from "oxc-parser";

const ROOT = join(import.meta.dirname, "../..");

/** The top floor first; what stands on one floor does not know of each other. */
export const FLOORS: readonly (readonly string[])[] = [
  ["src/index.ts", "src/instrument.ts", "src/cli.ts"],
  ["src/core.ts"],
  ["src/register.ts"],
  ["src/queries"],
  ["src/boot"],
  ["src/sdk"],
  ["src/admin"],
  ["src/threads"],
  ["instrumentations"],
  ["src/logs"],
  ["src/health", "src/alerts"],
  ["src/instrument"],
  ["src/insights"],
  ["src/recording"],
  ["src/server"],
  ["src/spans"],
  ["src/export"],
  ["src/context"],
  ["src/input"],
  ["src/config"],
  ["src/metrics"],
  ["src/runtime"],
  ["semconv/index.ts", "semconv/prometheus-names.ts", "semconv/migration.ts", "semconv/migrations.json"],
];

const PLACES = FLOORS.flatMap((places, floor) => places.map((place) => ({ place, floor })));

/** Finds the folder, or the file, of the floors that a path is in. */
const placeOf = (path: string): (typeof PLACES)[number] | undefined =>
  PLACES.find(({ place }) => path === place || path.startsWith(`${place}/`));

/** One file imports another. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Lists the imports between our sources, those of types and `typeof import()` among them. */
export function importsOf(patterns: readonly string[]): Import[] {
  const files = globSync([...patterns], { cwd: ROOT }).map((file) => file.replaceAll("\\", "/"));
  return files.flatMap((from) => {
    const text = readFileSync(join(ROOT, from), "utf8");
    const { module } = parseSync(from, text);
    const named = [
      ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
      ...module.staticExports.flatMap(({ entries }) =>
        entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? []),
      ),
      ...Array.from(text.matchAll(/\bimport\("([^"]+)"\)/g), ([, path]) => path!),
    ];
    return [...new Set(named)]
      .filter((path) => path.startsWith("."))
      .map((path) => ({ from, to: join(dirname(from), path).replaceAll("\\", "/") }));
  });
}

/** Finds the imports that do not go down. */
export const upward = (imports: readonly Import[]): Import[] =>
  imports.filter(({ from, to }) => {
    const [a, b] = [placeOf(from), placeOf(to)];
    return a !== undefined && (b === undefined || (a.place !== b.place && b.floor <= a.floor));
  });

/** Finds the groups of nodes that reach each other. */
export function circles(edges: readonly Import[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const reach = (start: string): Set<string> => {
    const seen = new Set<string>();
    const waiting = [...(next.get(start) ?? [])];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      waiting.push(...(next.get(node) ?? []));
    }
    return seen;
  };
  const reached = new Map([...next.keys()].map((node) => [node, reach(node)]));
  const inCircle = [...reached].filter(([node, nodes]) => nodes.has(node)).map(([node]) => node);
  const groups = Map.groupBy(inCircle, (node) =>
    inCircle
      .filter((other) => reached.get(node)!.has(other) && reached.get(other)!.has(node))
      .sort()
      .join(" "),
  );
  return [...groups.values()];
}

/** Makes edges between folders of those between files. */
export const betweenFolders = (imports: readonly Import[]): Import[] =>
  imports
    .map(({ from, to }) => ({ from: placeOf(from)?.place ?? dirname(from), to: placeOf(to)?.place ?? dirname(to) }))
    .filter(({ from, to }) => from !== to);

/** The message by which the rules of the linter are known. */
const MESSAGE = "Imports go down: see test/checks/floors.ts.";

/** Stands alone: what is generated from the registry of names, and what reads it, are above. */
export const REGISTRY = "semconv";

/** Makes the rules of the linter for folders; those for single files are the test's alone. */
export function lintRules(): object[] {
  const folders = PLACES.filter(({ place }) => place.startsWith("src/") && !place.endsWith(".ts"));
  const rules = folders.flatMap(({ place, floor }) => {
    const above = PLACES.filter(
      (other) => other.floor <= floor && other.place !== place && !other.place.endsWith(".ts"),
    );
    // A folder within can have the name of one that is above.
    const within = globSync(`${place}/*/`, { cwd: ROOT }).map((folder) => `!./${relative(place, folder)}/**`);
    const group = [...above.map((other) => `**/${other.place.replace(/^src\//, "")}/**`), ...within];
    return above.length === 0 ? [] : restriction(place, group);
  });
  const others = ["src", "instrumentations", "collector-config", "test"];
  return [
    ...rules,
    restriction(
      REGISTRY,
      others.map((folder) => `**/${folder}/**`),
    ),
  ];
}

const restriction = (folder: string, group: readonly string[]): object => ({
  files: [`${folder}/**/*.ts`],
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message: MESSAGE }] }] },
});

const isOurs = (override: object): boolean => JSON.stringify(override).includes(MESSAGE);

/** Makes the configuration of the linter with the rules of the floors. */
export function withRules(text: string): string {
  const config = JSON.parse(text) as { overrides: object[] };
  const first = config.overrides.findIndex(isOurs);
  const others = config.overrides.filter((override) => !isOurs(override));
  others.splice(first === -1 ? 0 : first, 0, ...lintRules());
  return `${JSON.stringify({ ...config, overrides: others }, null, 2)}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const file = join(ROOT, ".oxlintrc.json");
  writeFileSync(file, withRules(readFileSync(file, "utf8")));
}
