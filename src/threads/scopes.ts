import type { InstrumentationScope } from "@opentelemetry/core";

const scopes = new Map<string, InstrumentationScope>();

/** Returns the object that represents a scope in this thread: exporters distinguish scopes by identity. */
export function internScope(scope: InstrumentationScope): InstrumentationScope {
  const key = JSON.stringify(scope);
  const known = scopes.get(key);
  if (known === undefined) scopes.set(key, scope);
  return known ?? scope;
}
