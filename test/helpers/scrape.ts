/** One line of a page of metrics. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: Readonly<Record<string, string>>;
}

/** A page of metrics. */
export interface Page {
  readonly text: string;
  readonly contentType: string;
  readonly samples: readonly Sample[];
  /** `# TYPE` by family. */
  readonly types: ReadonlyMap<string, string>;
}

const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # \{(.*)\} \S+(?: \S+)?)?$/;

function readLabels(text = ""): Record<string, string> {
  const pairs = [...text.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(
    pairs.map(([, name, value]) => [name!, value!.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c))]),
  );
}

const readNumber = (text: string): number => (text === "+Inf" ? Infinity : Number(text));

function readSample(line: string): Sample {
  const [, name, labels, value, exemplar] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`not a line of metrics: ${line}`);
  const sample = { name, labels: readLabels(labels), value: readNumber(value!) };
  return exemplar === undefined ? sample : { ...sample, exemplar: readLabels(exemplar) };
}

export function readPage(text: string, contentType = ""): Page {
  const lines = text.split("\n").filter((line) => line !== "");
  const types = lines
    .filter((line) => line.startsWith("# TYPE "))
    .map((line) => line.split(" ").slice(2) as [string, string]);
  return {
    text,
    contentType,
    types: new Map(types),
    samples: lines.filter((line) => !line.startsWith("#")).map(readSample),
  };
}

/** Reads a page of metrics over HTTP. */
export async function scrape(url: string, accept?: string): Promise<Page> {
  const response = await fetch(url, { headers: accept === undefined ? {} : { accept } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return readPage(await response.text(), response.headers.get("content-type") ?? "");
}

export const OPEN_METRICS = "application/openmetrics-text; version=1.0.0";

/** The samples of a name whose labels include the given ones. */
export function select({ samples }: Page, name: string, labels: Readonly<Record<string, string>> = {}): Sample[] {
  return samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
}

/** The sum of the samples of a name whose labels include the given ones. */
export function total(page: Page, name: string, labels?: Readonly<Record<string, string>>): number {
  return select(page, name, labels).reduce((sum, { value }) => sum + value, 0);
}
