import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload, type SourceOrigin } from "node:module";

/** The file everything is built into. */
const BUILT = import.meta.filename;

/** Translates the places of a stack from the file our sources are built into to the sources. */
export function sourceStack(stack: string): string {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${BUILT}.map`, "utf8")) as SourceMapPayload);
    const [first, ...rest] = stack.split(`${BUILT}:`);
    return [first, ...rest.map((part) => part.replace(/^\d+:\d+/, (place) => inSource(map, place)))].join("");
  } catch {
    // Not built.
    return stack;
  }
}

/** `9876:5` → `src/guard.ts:31:5` */
function inSource(map: SourceMap, place: string): string {
  const [line, column] = place.split(":").map(Number);
  const { fileName, lineNumber, columnNumber } = map.findOrigin(line!, column!) as SourceOrigin;
  return `${fileName.replace(/^(?:\.\.\/)+/, "")}:${lineNumber}:${columnNumber}`;
}
