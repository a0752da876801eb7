import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { parseConfigFile } from "@opentelemetry/configuration";
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import { excessIn } from "./limits.ts";
import { nameOf, pathOfQuoted, shortened, written, type Path } from "./path.ts";

/**
 * Maximum size of a file in bytes. The YAML parser takes seconds for a larger one, which is unlikely to be a
 * configuration.
 */
const MAX_LENGTH = 128 * 1024;

/** Keys of a document. The schema accepts any other key, and the SDK ignores it. */
const KEYS: ReadonlySet<string> = new Set([
  "file_format",
  "disabled",
  "log_level",
  "attribute_limits",
  "logger_provider",
  "meter_provider",
  "propagator",
  "tracer_provider",
  "resource",
  "instrumentation/development",
  "distribution",
]);

/** Declarative configuration file, and its problems. */
export class ConfigFile {
  /** The problem that keeps the SDK from being started with it. */
  readonly mistake: string | undefined;
  /** The part that the SDK would ignore without a message. */
  readonly oversight: string | undefined;
  readonly #path: string;
  #document: Document | undefined;

  constructor(path: string) {
    this.#path = path;
    try {
      const document = documentOf(path);
      this.#document = document;
      const excess = excessIn(parseConfigFile(path));
      if (excess !== undefined) this.mistake = wrong(document, excess.path, excess.problem);
      const unknown = keysOf(document).filter((key) => !KEYS.has(key));
      if (unknown.length > 0) this.oversight = `has ${shortened(unknown.join(", "))}, which the SDK does not know`;
    } catch (error) {
      this.mistake = this.explain((error as Error).message);
    }
  }

  /** Adds the position in the document to a message of the SDK, as far as it can be derived from the message. */
  explain(message: string): string {
    const document = this.#document;
    if (document === undefined) return message;
    const said = message.replace(`${this.#path}: `, "");
    const [, format] = /^Unsupported file_format: .*?\. (.*?)\.?$/s.exec(said) ?? [];
    if (format !== undefined) return wrong(document, ["file_format"], `is not supported: ${format}`);
    const [, violations] = /^Invalid OpenTelemetry config file: (.*)$/s.exec(said) ?? [];
    if (violations !== undefined) return violationOf(document, violations);
    const path = pathOfQuoted(document, said);
    return path === undefined ? said : `at ${nameOf(path)}: ${said}`;
  }
}

const wrong = (document: Document, path: Path, problem: string): string =>
  `has ${written(document, path)} at ${nameOf(path)}, which ${problem}`;

/**
 * Returns the violation of the schema. For a value that matches none of several alternatives, the message names its
 * position last, after the reasons for each alternative.
 */
function violationOf(document: Document, text: string): string {
  const violations = text.split("\n").flatMap((line) => {
    const at = line.indexOf(" must ");
    const pointer = line.slice(0, Math.max(at, 0)).trim();
    return at === -1 || !/^(?:\/|$)/.test(pointer) ? [] : [{ pointer, problem: line.slice(at + 1) }];
  });
  const last = violations.pop();
  if (last === undefined) return text;
  const reasons = violations.filter(({ pointer }) => pointer === last.pointer).map(({ problem }) => problem);
  const path = last.pointer.split("/").slice(1);
  return wrong(
    document,
    path.map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~")),
    reasons.length === 0 ? last.problem : [...new Set(reasons)].join(" or "),
  );
}

function keysOf({ contents }: Document): string[] {
  return isMap(contents) ? contents.items.map(({ key }) => String(key)) : [];
}

/** Parses a document and requires valid YAML: from an invalid one the parser produces an unintended result. */
function documentOf(path: string): Document {
  const lineCounter = new LineCounter();
  const document = parseDocument(textOf(path), { lineCounter, prettyErrors: false });
  const [problem = keyProblem(document)] = [...document.errors, ...document.warnings];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new Error(`is not sound: ${problem.message} at line ${line}, column ${col}`);
  }
  if (!isMap(document.contents)) throw new Error("holds no settings");
  return document;
}

/** Finds a key that is a map, a list or bytes, which YAML permits, and for which its parser emits a process warning. */
function keyProblem(document: Document): { message: string; pos: readonly [number] } | undefined {
  let position: number | undefined;
  visit(document, {
    Pair(_, { key }) {
      if (isScalar(key) && (typeof key.value !== "object" || key.value === null)) return undefined;
      position = (isNode(key) ? key.range?.[0] : undefined) ?? 0;
      return visit.BREAK;
    },
  });
  return position === undefined ? undefined : { message: "Only a text can be a key", pos: [position] };
}

function textOf(path: string): string {
  try {
    const stats = statSync(path);
    // Reading another kind of file could block forever.
    if (!stats.isFile()) throw new Error("it is not a file");
    if (stats.size > MAX_LENGTH) throw new Error(`it is longer than ${MAX_LENGTH} bytes`);
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) throw new Error("it is not encoded in UTF-8");
    return bytes.toString();
  } catch (error) {
    throw new Error(`cannot be read (${(error as Error).message})`, { cause: error });
  }
}
