import type { ConfigurationModel } from "@opentelemetry/configuration";
import { milliseconds, url, whole } from "../../config/option.ts";
import type { Kind } from "../../config/option.ts";
import type { Path } from "./path.ts";

type Check = Pick<Kind<unknown>, "parse">;

/** What gRPC takes as the address of a server. */
const address: Check = {
  parse: (text) =>
    URL.canParse(/^\w+:\/\//.test(text) ? text : `https://${text}`) ? {} : { problem: "is not an address" },
};

/** What keys of a provider may hold, beyond what the schema knows: with anything else the SDK fails, or never rests. */
const CHECKS: Readonly<Record<string, Check>> = {
  interval: milliseconds(1),
  timeout: milliseconds(1),
  schedule_delay: milliseconds(0),
  export_timeout: milliseconds(1),
  // The SDK takes 0 for the default.
  port: whole(1, 65_535),
};
const ENDPOINTS: Readonly<Record<string, Check>> = { otlp_http: url, otlp_grpc: address };

const PROVIDERS = ["tracer_provider", "meter_provider", "logger_provider"] as const;

/** A value the SDK cannot do, and where it is. */
export interface Excess {
  readonly path: Path;
  readonly problem: string;
}

/** The first value of a configuration that the SDK would take and cannot do. */
export function excessIn(config: ConfigurationModel): Excess | undefined {
  for (const provider of PROVIDERS) {
    const excess = excessOf(config[provider], [provider]);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

function excessOf(value: unknown, path: Path): Excess | undefined {
  if (typeof value !== "object" || value === null) return excessOfScalar(value, path);
  if (path.at(-1) === "selector" && Object.keys(value).length === 0) return { path, problem: "selects nothing" };
  for (const [key, inner] of Object.entries(value)) {
    const excess = excessOf(inner, [...path, key]);
    if (excess !== undefined) return excess;
  }
  return undefined;
}

function excessOfScalar(value: unknown, path: Path): Excess | undefined {
  const [parent = "", key = ""] = path.slice(-2);
  const check = key === "endpoint" ? ENDPOINTS[parent] : CHECKS[key];
  const problem = value === null || value === undefined ? undefined : check?.parse(String(value)).problem;
  return problem === undefined ? undefined : { path, problem };
}
