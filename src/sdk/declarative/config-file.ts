import { isUtf8 } from "node:buffer";
import { readFileSync, statSync } from "node:fs";
import { parseConfigFile } from "@opentelemetry/configuration";
import { isMap, isNode, isScalar, LineCounter, parseDocument, visit, type Document } from "yaml";
import { excessIn } from "./limits.ts";
import { nameOf, pathOfQuoted, shortened, written, type Path } from "./path.ts";

/** Bytes of a file. The parser of YAML takes seconds for more, and what is longer is hardly a configuration. */
const LONGEST = 128 * 1024;

/** The keys of a document. The schema takes any other, and the SDK does nothing with it. */
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

/** A declarative configuration file, and what is wrong with it. */
export class ConfigFile {
  /** What keeps the SDK from being started with it. */
  readonly mistake: string | undefined;
  /** What the SDK would leave out without a word. */
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

  /** Adds to what the SDK says of the document where that is, as far as the SDK lets it be known. */
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

/** Of what is none of several alternatives, the schema says last where it is, and before that why it is none of each. */
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

/** A document whose YAML is sound: of another the parser makes something, but not what was meant. */
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

/** YAML has maps, lists and bytes as keys, and its parser warns the process when it comes upon one. */
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
    // Something else could keep us waiting for ever.
    if (!stats.isFile()) throw new Error("it is not a file");
    if (stats.size > LONGEST) throw new Error(`it is longer than ${LONGEST} bytes`);
    const bytes = readFileSync(path);
    if (!isUtf8(bytes)) throw new Error("it is not encoded in UTF-8");
    return bytes.toString();
  } catch (error) {
    throw new Error(`cannot be read (${(error as Error).message})`, { cause: error });
  }
}
