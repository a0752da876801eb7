import type { InstrumentationScope } from "@opentelemetry/core";

const scopes = new Map<string, InstrumentationScope>();

/** The one object that stands for a scope in this thread: exporters tell scopes apart by their identity. */
export function internScope(scope: InstrumentationScope): InstrumentationScope {
  const key = JSON.stringify(scope);
  const known = scopes.get(key);
  if (known === undefined) scopes.set(key, scope);
  return known ?? scope;
}
