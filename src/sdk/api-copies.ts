import { readFileSync } from "node:fs";
import { getCallSites } from "node:util";
import type { default as openTelemetry } from "@opentelemetry/api";
import { PLACE } from "../context/active.ts";
import { pathOf } from "../runtime/relative-path.ts";

/** What holds what is registered, as every copy of the API expects it. */
export interface Place {
  readonly version: string;
  [slot: string]: unknown;
}

/** What the API keeps on the global object. */
export const holder = globalThis as { [PLACE]?: Place | undefined };

const NO_PROPAGATOR = { inject() {}, extract: <T>(context: T): T => context, fields: () => [] };

/** Reads the version of a copy of the API, which it tells to nothing but the place where it registers. */
export function versionOf({ propagation }: Pick<typeof openTelemetry, "propagation">): string {
  const place = holder[PLACE];
  holder[PLACE] = undefined;
  propagation.setGlobalPropagator(NO_PROPAGATOR);
  const { version } = holder[PLACE]!;
  holder[PLACE] = place;
  return version;
}

const PACKAGE = "/node_modules/@opentelemetry/api/";

/** Finds the version of the copy of the API whose code asks; none where an application has it in a bundle. */
export function versionOfCaller(): string | undefined {
  const [own, ...others] = getCallSites(6);
  const script = others.find(({ scriptName }) => scriptName !== own!.scriptName)?.scriptName ?? "";
  const path = pathOf(script).replaceAll("\\", "/");
  const at = path.lastIndexOf(PACKAGE);
  if (at === -1) return undefined;
  try {
    const text = readFileSync(`${path.slice(0, at)}${PACKAGE}package.json`, "utf8");
    const { version } = JSON.parse(text) as { version: unknown };
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

/** The later of two versions. A copy of the API finds what is registered under its own version or a later one. */
export function later(a: string, b: string): string {
  const [left, right] = [a, b].map((version) => version.split(".", 2).map(Number) as [number, number]);
  return right![0] > left![0] || (right![0] === left![0] && right![1] > left![1]) ? b : a;
}
