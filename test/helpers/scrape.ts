import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

/** Line of a page of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: Readonly<Record<string, string>>;
}

/** Page of metrics. */
export interface Page {
  readonly text: string;
  readonly contentType: string;
  readonly samples: readonly Sample[];
  /** `# TYPE` by family. */
  readonly types: ReadonlyMap<string, string>;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # \{(.*)\} \S+(?: \S+)?)?$/;

function readLabels(labels = ""): Record<string, string> {
  const pairs = [...labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(
    pairs.map(([, name, value]) => [name!, value!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))]),
  );
}

const readNumber = (value: string): number => (value === "+Inf" ? Infinity : Number(value));

function readSample(line: string): Sample {
  const [, name, labels, value, exemplar] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a line of metrics: ${line}`);
  const sample = { name, labels: readLabels(labels), value: readNumber(value!) };
  return exemplar === undefined ? sample : { ...sample, exemplar: readLabels(exemplar) };
}

export function readPage(page: string, contentType = ""): Page {
  const lines = page.split("\n").filter((line) => line !== "");
  const types = lines
    .filter((line) => line.startsWith("# TYPE "))
    .map((line) => line.split(" ").slice(2) as [string, string]);
  return {
    text: page,
    contentType,
    types: new Map(types),
    samples: lines.filter((line) => !line.startsWith("#")).map(readSample),
  };
}

/**
 * Reads a page of metrics over HTTP. Not with `fetch`: its parser asserts, outside of any promise, that it is not paused when
 * a server closes the connection behind a long answer.
 */
export async function scrape(url: string, accept?: string): Promise<Page> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent: false, headers: accept === undefined ? {} : { accept } }, resolve).on("error", reject);
  });
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${body}`);
  return readPage(body, response.headers["content-type"]);
}

export const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

/** Returns the samples of a name whose labels include the given ones. */
export function select({ samples }: Page, name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
  return samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
}

/** Returns the sum of the samples of a name whose labels include the given ones. */
export function total(page: Page, name: string, labels?: Readonly<Record<string, string>>): number {
  return select(page, name, labels).reduce((sum, { value }) => sum + value, 0);
}
