import { readdirSync, readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type ParsedNode, type Scalar, type YAMLMap } from "yaml";

/** Error about a definition that breaks a rule of the registry; the message begins with `file:line`. */
export class RegistryError extends Error {
  override name = "RegistryError";
}

/** YAML mapping of the registry, read field by field so that a mistake is reported with its line. */
export class Entry {
  readonly #map: YAMLMap;
  readonly #file: RegistryFile;

  constructor(map: unknown, file: RegistryFile) {
    if (!isMap(map)) throw file.error(map, "expected a mapping");
    this.#map = map;
    this.#file = file;
  }

  /** Rejects fields that are not among the given ones, which are mostly typing mistakes. */
  allow(...keys: readonly string[]): this {
    for (const { key } of this.#map.items) {
      const name = String((key as Scalar).value);
      if (!keys.includes(name)) throw this.#file.error(key, `unknown field "${name}"; known here: ${keys.join(", ")}`);
    }
    return this;
  }

  has(key: string): boolean {
    return this.#map.has(key);
  }

  text(key: string): string {
    const value = this.#scalar(key);
    if (typeof value !== "string" || value === "") throw this.error(key, `"${key}" must be a text`);
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T {
    const value = this.text(key) as T;
    if (!choices.includes(value))
      throw this.error(key, `"${key}" must be one of ${choices.join(", ")}, not "${value}"`);
    return value;
  }

  entry(key: string): Entry {
    if (!this.has(key)) throw this.error(key, `"${key}" is missing`);
    return new Entry(this.#map.get(key, true), this.#file);
  }

  isText(key: string): boolean {
    return typeof this.#map.get(key) === "string";
  }

  /** Returns the entries of a list of mappings; none if the field is absent. */
  entries(key: string): Entry[] {
    return this.#items(key).map((item) => new Entry(item, this.#file));
  }

  scalars(key: string): (string | number | boolean)[] {
    return this.#items(key).map((item) => {
      if (!isScalar(item)) throw this.#file.error(item, `"${key}" must hold plain values`);
      return item.value as string | number | boolean;
    });
  }

  numbers(key: string): number[] {
    const values = this.scalars(key);
    for (const value of values) {
      if (typeof value !== "number") throw this.error(key, `"${key}" must hold numbers, not "${value}"`);
    }
    return values as number[];
  }

  keys(): string[] {
    return this.#map.items.map(({ key }) => String((key as Scalar).value));
  }

  error(key: string, message: string): RegistryError {
    return new RegistryError(`${this.place(key)}: ${message}`);
  }

  /** Returns the file and line of a field, or of the mapping if it does not have the field. */
  place(key: string): string {
    const pair = this.#map.items.find((item) => (item.key as Scalar).value === key);
    return this.#file.place(pair?.key ?? this.#map);
  }

  #scalar(key: string): unknown {
    if (!this.has(key)) throw this.error(key, `"${key}" is missing`);
    return this.#map.get(key);
  }

  #items(key: string): unknown[] {
    if (!this.has(key)) return [];
    const list = this.#map.get(key, true);
    if (!isSeq(list)) throw this.error(key, `"${key}" must be a list`);
    return list.items;
  }
}

/** YAML file of the registry. */
class RegistryFile {
  readonly root: Entry;
  readonly #path: string;
  readonly #lines = new LineCounter();

  constructor(path: string) {
    this.#path = path;
    const document = parseDocument(readFileSync(path, "utf8"), { lineCounter: this.#lines });
    const [problem] = document.errors;
    if (problem !== undefined) {
      const message = problem.message.split("\n")[0] ?? "malformed YAML";
      throw new RegistryError(`${this.#at(problem.pos[0])}: ${message}`);
    }
    this.root = new Entry(document.contents, this);
  }

  error(node: unknown, message: string): RegistryError {
    return new RegistryError(`${this.place(node)}: ${message}`);
  }

  place(node: unknown): string {
    return this.#at((node as ParsedNode | undefined)?.range?.[0] ?? 0);
  }

  #at(offset: number): string {
    return `${this.#path}:${this.#lines.linePos(offset).line}`;
  }
}

/** Reads the manifest and the definition files of a registry folder, by name. */
export function readRegistry(folder: string): { manifest: Entry; files: Entry[] } {
  const names = readdirSync(folder).filter((name) => name.endsWith(".yaml"));
  const read = (name: string): Entry => new RegistryFile(`${folder}/${name}`).root;
  return {
    manifest: read("manifest.yaml"),
    files: names
      .filter((name) => name !== "manifest.yaml")
      .sort()
      .map(read),
  };
}

/** Runs a command. A mistake in the registry is printed without a stack. */
export function runCommand(command: () => void): void {
  try {
    command();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
