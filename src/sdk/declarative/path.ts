import { isAlias, isMap, isPair, isScalar, isSeq, visit, type Document } from "yaml";

/** Position in a document: the keys of maps and the indexes in lists that lead to it. */
export type Path = readonly string[];

const keyOf = (key: unknown): string => String(isScalar(key) ? key.value : key);

/** Formats a path for people. */
export function nameOf(path: Path): string {
  const name = path.map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`)).join("");
  return name === "" ? "the top" : name.replace(/^\./, "");
}

/** Pattern of quoted text in a message. */
const QUOTED = /"([^"]+)"|'([^']+)'|(\$\{[^${}]*\})/g;

/** Finds the position of a text that a message quotes. */
export function pathOfQuoted(document: Document, message: string): Path | undefined {
  const texts = Array.from(message.matchAll(QUOTED), ([, double, single, variable]) => double ?? single ?? variable!);
  let path: Path | undefined;
  visit(document, {
    Scalar(_, node, ancestors) {
      const written = String(node.value);
      if (!texts.some((text) => text === written || (text.startsWith("${") && written.includes(text))))
        return undefined;
      path = pathThrough([...ancestors, node]);
      return visit.BREAK;
    },
  });
  return path;
}

function pathThrough(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, i) => {
    if (isPair(node)) return [keyOf(node.key)];
    return isSeq(node) ? [String(node.items.indexOf(nodes[i + 1]))] : [];
  });
}

function nodeAt(document: Document, path: Path): unknown {
  let node: unknown = document.contents;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) node = node.items.find((pair) => keyOf(pair.key) === key)?.value;
    else node = isSeq(node) ? node.items[Number(key)] : undefined;
  }
  return isAlias(node) ? node.resolve(document) : node;
}

/** Truncates a long text. */
export const shortened = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);

/**
 * Returns the source text at a position in a document: a value substituted from the environment can be a secret, such
 * as a header.
 */
export function written(document: Document, path: Path): string {
  const node = nodeAt(document, path);
  if (isMap(node)) return shortened(`{${node.items.map(({ key }) => keyOf(key)).join(", ")}}`);
  if (isSeq(node)) return "a list";
  if (!isScalar(node) || node.value === null) return "nothing";
  if (path.some((key) => key.startsWith("headers"))) return "a value";
  return typeof node.value === "string" ? `"${shortened(node.value)}"` : shortened(node.source ?? String(node.value));
}
