import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload, type SourceOrigin } from "node:module";
import { join, sep } from "node:path";
import { FOLDER } from "./package-root.ts";

/** Location in a bundled file of ours, at the start of a text. */
const PLACE = /^([\w/\\-]{1,100}\.cjs):(\d{1,9}):(\d{1,9})/;

/** Maps the locations in a stack from our bundled files to our sources. */
export function sourceStack(stack: string): string {
  const maps = new Map<string, SourceMap>();
  const [first, ...rest] = stack.split(`${FOLDER}${sep}`);
  return [first, ...rest.map((part) => inSource(maps, part))].join("");
}

/** Maps one location: `src/core.cjs:9876:5)` → `src/runtime/guard.ts:31:5)` */
function inSource(maps: Map<string, SourceMap>, part: string): string {
  const [place, file, line, column] = PLACE.exec(part) ?? [];
  if (place === undefined) return `${FOLDER}${sep}${part}`;
  try {
    const map = maps.get(file!) ?? readMap(file!);
    maps.set(file!, map);
    const { fileName, lineNumber, columnNumber } = map.findOrigin(Number(line), Number(column)) as SourceOrigin;
    return `${fileName.replace(/^(?:\.\.\/)+/, "")}:${lineNumber}:${columnNumber}${part.slice(place.length)}`;
  } catch {
    // The package was installed without source maps.
    return `${FOLDER}${sep}${part}`;
  }
}

const readMap = (file: string): SourceMap =>
  new SourceMap(JSON.parse(readFileSync(join(FOLDER, `${file}.map`), "utf8")) as SourceMapPayload);
