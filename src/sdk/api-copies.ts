import { readFileSync } from "node:fs";
import { getCallSites } from "node:util";
import type { default as openTelemetry } from "@opentelemetry/api";
import { PLACE } from "../context/active.ts";
import { pathOf } from "../runtime/relative-path.ts";

/** Object that holds all registrations, in the format that every copy of the API expects. */
export interface ApiRegistrations {
  readonly version: string;
  [slot: string]: unknown;
}

/** Global object on which the API stores it. */
export const holder = globalThis as { [PLACE]?: ApiRegistrations | undefined };

const NO_PROPAGATOR = { inject() {}, extract: <T>(context: T): T => context, fields: () => [] };

/** Returns the version of a copy of the API, which it exposes only when it registers something. */
export function versionOf({ propagation }: Pick<typeof openTelemetry, "propagation">): string {
  const place = holder[PLACE];
  holder[PLACE] = undefined;
  propagation.setGlobalPropagator(NO_PROPAGATOR);
  const { version } = holder[PLACE]!;
  holder[PLACE] = place;
  return version;
}

const PACKAGE = "/node_modules/@opentelemetry/api/";

/** Returns the version of the copy of the API whose code is calling; undefined if the application has bundled it. */
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

/** Returns the later of two versions. A copy of the API finds registrations of its own version or a later one. */
export function later(a: string, b: string): string {
  const [left, right] = [a, b].map((version) => version.split(".", 2).map(Number) as [number, number]);
  return right![0] > left![0] || (right![0] === left![0] && right![1] > left![1]) ? b : a;
}
