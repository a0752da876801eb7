import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Root of this repository. */
export const ROOT: string = join(import.meta.dirname, "../../..");

/** What `--require` is given. */
export const REGISTER: string = join(ROOT, "register/index.js");

/** A way to observe an application. */
export interface Variant {
  /** What heads its column. */
  readonly title: string;
  /** The package whose version belongs to that. */
  readonly package?: string;
  /** Where its packages are installed; the application runs there. */
  readonly folder: string;
  /** What Node.js is started with. */
  readonly nodeArgs: readonly string[];
  /** What to know of how it is compared. */
  readonly note?: string;
}

const peer = (name: string): string => join(import.meta.dirname, "../peers", name);

const NO_CLOUDS = "Without its detectors of clouds, which would ask addresses of the network.";

export const VARIANTS = {
  bare: { title: "bare", folder: ROOT, nodeArgs: [] },
  stratascope: { title: "stratascope", folder: ROOT, nodeArgs: ["--require", REGISTER] },
  sdk: {
    title: "SDK by hand",
    package: "@opentelemetry/sdk-trace",
    folder: peer("sdk"),
    nodeArgs: ["--require", "./register.cjs"],
    note: "Providers, OTLP exporters and instrumentation-http, wired by hand; in SQLite, a span for each operation.",
  },
  plugin: {
    title: "opentelemetry-plugin-better-sqlite3",
    package: "opentelemetry-plugin-better-sqlite3",
    folder: peer("sdk"),
    nodeArgs: ["--require", "./register.cjs", "--require", "./plugin.cjs"],
    note: "With the SDK by hand. It knows better-sqlite3 up to 12 and does nothing with 13; here it is told that it knows 13.",
  },
  auto: {
    title: "auto-instrumentations-node",
    package: "@opentelemetry/auto-instrumentations-node",
    folder: peer("auto-instrumentations-node"),
    nodeArgs: ["--require", "@opentelemetry/auto-instrumentations-node/register"],
    note: NO_CLOUDS,
  },
  elastic: {
    title: "@elastic/opentelemetry-node",
    package: "@elastic/opentelemetry-node",
    folder: peer("elastic"),
    nodeArgs: ["--require", "@elastic/opentelemetry-node"],
    note: NO_CLOUDS,
  },
  "dd-trace": {
    title: "dd-trace",
    package: "dd-trace",
    folder: peer("dd-trace"),
    nodeArgs: ["--require", "dd-trace/init"],
    note: "Sends every span, sampled or not, to a stand-in for its agent, which answers; telemetry of its own and remote configuration are off.",
  },
} as const satisfies Record<string, Variant>;

export type VariantName = keyof typeof VARIANTS;

export const VARIANT_NAMES = Object.keys(VARIANTS) as VariantName[];

/** Whether the packages of a variant are installed apart from those of this repository. */
export const isPeer = ({ folder }: Variant): boolean => folder !== ROOT;

/** The title of a variant with the version that is compared. */
export function titleOf({ title, package: name, folder }: Variant): string {
  if (name === undefined) return title;
  const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    dependencies: Readonly<Record<string, string>>;
  };
  return `${title} ${dependencies[name]}`;
}

/** What every variant is told: where its telemetry goes, and to ask nobody else. */
export const settings = (collector: string): Readonly<Record<string, string>> => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_EXPORTER_PROMETHEUS_PORT: "0",
  OTEL_NODE_RESOURCE_DETECTORS: "env,host,os,process,serviceinstance,container",
  DD_TRACE_AGENT_URL: collector,
  DD_INSTRUMENTATION_TELEMETRY_ENABLED: "false",
  DD_REMOTE_CONFIGURATION_ENABLED: "false",
  // A span for each transaction, as the others make it.
  STRATASCOPE_SPAN_BUDGET: "0",
});

/** Has a share of the traces sampled. */
export const sampling = (ratio: number): Readonly<Record<string, string>> => ({
  OTEL_TRACES_SAMPLER: "parentbased_traceidratio",
  OTEL_TRACES_SAMPLER_ARG: String(ratio),
});
