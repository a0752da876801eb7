import type { ConfigurationModel } from "@opentelemetry/configuration";
import { milliseconds, url, whole } from "../../config/option.ts";
import type { OptionKind } from "../../config/option.ts";
import type { Path } from "./path.ts";

type Check = Pick<OptionKind<unknown>, "parse">;

/** Address of a server, as accepted by gRPC. */
const address: Check = {
  parse: (text) =>
    URL.canParse(/^\w+:\/\//.test(text) ? text : `https://${text}`) ? {} : { problem: "is not an address" },
};

/**
 * Accepted values of provider keys, which the schema does not restrict: with any other value the SDK fails, or runs in
 * a busy loop.
 */
const CHECKS: Readonly<Record<string, Check>> = {
  interval: milliseconds(1),
  timeout: milliseconds(1),
  schedule_delay: milliseconds(0),
  export_timeout: milliseconds(1),
  // The SDK replaces 0 by the default.
  port: whole(1, 65_535),
};
const ENDPOINTS: Readonly<Record<string, Check>> = { otlp_http: url, otlp_grpc: address };

const PROVIDERS = ["tracer_provider", "meter_provider", "logger_provider"] as const;

/** Value that the SDK does not support, and its position. */
export interface Excess {
  readonly path: Path;
  readonly problem: string;
}

/** Finds the first value of a configuration that the SDK would accept and does not support. */
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
