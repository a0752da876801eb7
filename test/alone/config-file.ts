import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { context, diag, logs, metrics, propagation, trace } from "@opentelemetry/api";
import { expect } from "chai";
import { after, before, describe, it } from "mocha";
import { stringify } from "yaml";
import { printThrough, setSelfLogLevel } from "../../src/runtime/self-log.ts";
import { startFromFile } from "../../src/sdk/declarative/index.ts";
import { eventually } from "../helpers/backends.ts";
import { seeded } from "../helpers/random.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const FILE = join(temporaryFolder(), "otel.yaml");
/** At night all of them are tried. */
const share = (rounds: number): number => (process.env["FUZZ_NIGHTLY"] === "1" ? rounds : rounds / 10);

const SEED = Number(process.env["FUZZ_SEED"] ?? 7);

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A document with something of everything. */
function everything(collector: string): Json {
  const otlp = (signal: string): Json => ({
    otlp_http: {
      endpoint: `${collector}/v1/${signal}`,
      timeout: 1000,
      compression: "gzip",
      encoding: "protobuf",
      headers: [{ name: "api-key", value: "SECRET" }],
      headers_list: "x-team=SECRET",
    },
  });
  const metricsByHttp = {
    endpoint: `${collector}/v1/metrics`,
    temporality_preference: "delta",
    default_histogram_aggregation: "base2_exponential_bucket_histogram",
  };
  const view = {
    selector: { instrument_name: "a", instrument_type: "histogram" },
    stream: {
      aggregation: { explicit_bucket_histogram: { boundaries: [1, 2, 3], record_min_max: true } },
      attribute_keys: { included: ["x"] },
    },
  };
  const attributes = [
    { name: "service.name", value: "shop" },
    { name: "shards", value: [1, 2], type: "int_array" },
  ];
  const batch = { schedule_delay: 500, export_timeout: 1000, max_queue_size: 64, max_export_batch_size: 32 };
  return {
    file_format: "1.0",
    disabled: false,
    log_level: "info",
    attribute_limits: { attribute_count_limit: 128, attribute_value_length_limit: 4096 },
    propagator: { composite: [{ tracecontext: null }, { baggage: null }], composite_list: "b3,b3multi" },
    resource: {
      attributes,
      attributes_list: "team=a",
      schema_url: "https://opentelemetry.io/schemas/1.40.0",
      "detection/development": { detectors: [{ host: null }, { process: null }, { service: null }] },
    },
    tracer_provider: {
      sampler: {
        parent_based: { root: { trace_id_ratio_based: { ratio: 0.5 } }, local_parent_sampled: { always_on: null } },
      },
      limits: { event_count_limit: 5, link_count_limit: 5, event_attribute_count_limit: 5 },
      processors: [
        { batch: { ...batch, exporter: otlp("traces") } },
        { simple: { exporter: { otlp_grpc: { endpoint: "http://127.0.0.1:9", timeout: 1000 } } } },
      ],
    },
    meter_provider: {
      readers: [
        { periodic: { interval: 60_000, timeout: 1000, exporter: { otlp_http: metricsByHttp } } },
        {
          pull: {
            exporter: { "prometheus/development": { host: "127.0.0.1", port: 49_464, scope_info_enabled: true } },
          },
        },
      ],
      views: [view],
    },
    logger_provider: { limits: { attribute_count_limit: 5 }, processors: [{ batch: { exporter: otlp("logs") } }] },
  };
}

/** What stands where something else should. */
const VALUES: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  7,
  2 ** 31,
  1e30,
  -1e30,
  Number.MAX_SAFE_INTEGER,
  "",
  " ",
  "text",
  "0",
  "true",
  "${UNSET_VARIABLE}",
  "${UNSET_VARIABLE:-5}",
  "${HOME}",
  "${A B}",
  "$${x}",
  "a\nb",
  "\u0000",
  "\u{1F600}",
  "x".repeat(5000),
  [],
  {},
  [null],
  [[]],
  ["text"],
  { text: null },
  { text: { text: 1 } },
  [{ name: "a" }],
  { console: null },
  { none: {} },
];

/** What YAML gives a meaning to, and what it does not allow. */
const PIECES = [
  ..."&a|*a|<<: *a|!!binary|!foo|!!int|?|- -|-|{|[|]|}|,|:|#|@|`|'|\"|>|%|---|...|%YAML 1.1\n|\\x|~".split("|"),
  ..."0x10|0o7|1e999|.inf|.nan|2026-01-01|${|${X}|\n|\r|\r\n|\t| |  |\u0000|\u001b[2J|\u0085|\u2028|\ufeff|\ud800".split(
    "|",
  ),
];

/** Documents that are not what they look like. */
const TRAPS: readonly string[] = [
  "",
  "\ufeff",
  "\n",
  "null",
  "[]",
  "text",
  "*a",
  "- ".repeat(500),
  `"${"\\u0000".repeat(500)}"`,
  "[".repeat(1000),
  ...["1.0", '"-1.0"', '"1.9999999999999999"', '"2.0"', "\t1", "&a *a", "{ }"].map(
    (version) => `file_format: ${version}`,
  ),
  ...[
    "resource: &a { attributes: *a }",
    "distribution: &a { a: *a }",
    "tracer_provider: { processors: [{ simple: { exporter: { own: &a { a: *a } } } }] }",
    Array.from({ length: 12 }, (_, i) => `k${i}: &k${i} [${(i === 0 ? "x, " : `*k${i - 1}, `).repeat(9)}]`).join("\n"),
    Array.from({ length: 1000 }, (_, i) => `k${i}: 1`).join("\n"),
    "a: a: a:",
    "[1, { a: b }]: c",
    "!!binary aGk=: c",
    "---\nresource: {}",
  ].map((rest) => `file_format: "1.0"\n${rest}\n`),
];

/** What every line looks like, whatever is wrong. */
const LINE = /^stratascope: OTEL_CONFIG_FILE="[^"\n\r]*" [^\n\r]*; (no telemetry is sent|the rest is in force)$/;

const nameOf = (path: readonly string[]): string =>
  path
    .map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`))
    .join("")
    .replace(/^\./, "");

function pathsIn(value: Json, path: string[] = []): string[][] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return [path, ...inner.flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

const valueAt = (document: Json, path: readonly string[]): Json =>
  path.reduce((value, key) => (value as Record<string, Json>)[key]!, document);

/** A copy with something else in one place. */
function replaced(document: Json, path: readonly string[], value: Json): Json {
  const copy = structuredClone(document);
  (valueAt(copy, path.slice(0, -1)) as Record<string, Json>)[path.at(-1)!] = value;
  return copy;
}

/** A copy without something. */
function without(document: Json, path: readonly string[]): Json {
  const copy = structuredClone(document);
  const container = valueAt(copy, path.slice(0, -1));
  const key = path.at(-1)!;
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete (container as Record<string, Json>)[key];
  return copy;
}

const APIS = [trace, metrics, logs, context, propagation, diag];

/** Where the API keeps what is registered; other tests have registered theirs. */
const registry = (): Record<string, unknown> =>
  (globalThis as { [key: symbol]: Record<string, unknown> | undefined })[Symbol.for("opentelemetry.js.api.1")] ?? {};
let registered: [string, unknown][];

const EVENTS = ["warning", "unhandledRejection", "uncaughtException"];

describe(`a configuration file of any kind, by the seed ${SEED}`, () => {
  const random = seeded(SEED);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const disturbances: unknown[] = [];
  const disturbed = (what: unknown): void => void disturbances.push(what);
  let collector: Server;
  let collected = 0;
  let valid: Json;
  let text: string;
  let paths: string[][];

  before(async () => {
    collector = createServer((request, response) => {
      collected++;
      request.resume().on("end", () => response.end());
    });
    await once(collector.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
    // Where the SDK sends what the file does not say where to send.
    process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = url;
    process.env["OTEL_CONFIG_FILE"] = FILE;
    setSelfLogLevel("warn");
    registered = Object.entries(registry()).filter(([name]) => name !== "version");
    for (const api of APIS) api.disable();
    valid = everything(url);
    text = stringify(valid);
    paths = pathsIn(valid).slice(1);
    for (const event of EVENTS) process.on(event, disturbed);
  });
  after(() => {
    for (const event of EVENTS) process.off(event, disturbed);
    for (const [name, api] of registered) registry()[name] = api;
    // As the other tests have it.
    setSelfLogLevel("none");
    delete process.env["OTEL_EXPORTER_OTLP_ENDPOINT"];
    delete process.env["OTEL_CONFIG_FILE"];
    collector.close();
    collector.closeAllConnections();
  });

  /** Starts the SDK with a file and stops it. @returns what was said of the file before the application would start */
  async function start(bytes: string | Uint8Array, use?: () => void): Promise<string[]> {
    writeFileSync(FILE, bytes);
    const lines: string[] = [];
    const printAgain = printThrough((line) => lines.push(line));
    try {
      const sdks = startFromFile(FILE);
      const said = [...lines];
      if (said.some((line) => line.endsWith("no telemetry is sent"))) expect(said).to.have.length(1);
      else expect(sdks).to.have.length(1);
      use?.();
      await wait();
      // A Collector that is not there is given up in the end, which nobody waits for.
      await Promise.race([Promise.all(sdks.map((sdk) => sdk.shutdown())), wait(50)]);
      for (const line of lines) expect(line).to.match(LINE);
      return said;
    } finally {
      printAgain();
      for (const api of APIS) api.disable();
    }
  }

  /** The same many times; the document is in the message of what fails. */
  async function repeat(times: number, make: () => string | Uint8Array): Promise<void> {
    for (let i = 0; i < times; i++) {
      const bytes = make();
      try {
        await start(bytes);
        expect(disturbances.splice(0)).to.deep.equal([]);
      } catch (error) {
        throw new Error(`number ${i}: ${JSON.stringify(String(bytes))}`, { cause: error });
      }
    }
  }

  it("applies without a log line if it is valid", async () => {
    expect(await start(text, () => metrics.getMeter("jobs").createCounter("jobs.done").add(1))).to.deep.equal([]);
    await eventually(
      10,
      async () => collected,
      (count) => expect(count).to.be.above(0),
    );
  });

  it("names the place of a wrong value: any value in any place", async () => {
    for (let i = 0; i < share(1_000); i++) {
      const path = pick(paths);
      const value = pick(VALUES);
      const what = `${nameOf(path)} = ${JSON.stringify(value).slice(0, 100)}`;
      for (const line of await start(stringify(replaced(valid, path, value)))) {
        expect(line).not.to.contain("SECRET");
        // What the SDK goes on with, it tells in its own words.
        if (line.endsWith("the rest is in force\n")) continue;
        const named = / at ([^ ,:;]+)/.exec(line)?.[1] ?? "nothing";
        expect(nameOf(path).startsWith(named) || named.startsWith(nameOf(path)), `${what}: ${line}`).to.equal(true);
      }
      expect(disturbances.splice(0), what).to.deep.equal([]);
    }
  });

  it("names the place of an unknown key: in every map", async () => {
    const maps = pathsIn(valid).filter((path) => {
      const value = valueAt(valid, path);
      return typeof value === "object" && value !== null && !Array.isArray(value);
    });
    for (const path of maps) {
      const lines = await start(stringify(replaced(valid, [...path, "unheard_of"], {})));
      expect(lines.join(""), nameOf(path)).to.contain("unheard_of").and.to.contain(nameOf(path));
    }
  });

  it("causes one log line and no other effect if any part of it is missing", async () => {
    for (const path of paths) await repeat(1, () => stringify(without(valid, path)));
  });

  it("causes one log line and no other effect if its YAML is a trap", async () => {
    for (const trap of TRAPS) await repeat(1, () => trap);
  });

  it("causes one log line and no other effect if it is truncated anywhere", async () => {
    await repeat(share(300), () => text.slice(0, random() * text.length));
  });

  it("causes one log line and no other effect if pieces of YAML are inserted anywhere", async () => {
    await repeat(share(400), () => {
      const at = random() * text.length;
      return text.slice(0, at) + pick(PIECES) + text.slice(at + Math.floor(random() * 3) * 10);
    });
  });

  it("causes one log line and no other effect if its lines are shuffled", async () => {
    await repeat(share(300), () => {
      const lines = text.split("\n");
      lines.splice(random() * lines.length, Math.floor(random() * 2), pick(["", " ", "\t", "- "]) + pick(lines));
      return lines.join(pick(["\n", "\r\n"]));
    });
  });

  it("causes one log line and no other effect if it consists of random pieces of YAML", async () => {
    await repeat(share(300), () =>
      Array.from({ length: random() * 30 }, () => pick(PIECES)).join(pick(["", " ", "\n"])),
    );
  });

  it("causes one log line and no other effect if it contains random bytes", async () => {
    const noise = (): Buffer => Buffer.from(Array.from({ length: 1 + random() * 30 }, () => random() * 256));
    await repeat(share(300), () => {
      const bytes = Buffer.concat([Buffer.from(text.slice(0, Math.floor(random() * 2) * text.length)), noise()]);
      noise().copy(bytes, Math.floor(random() * bytes.length));
      return bytes;
    });
  });
});
