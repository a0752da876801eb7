import { Guard } from "../runtime/guard.ts";

/** Guards by engine: an engine whose instrumentation fails often is switched off for a while. */
const guards = new Map<string, Guard>();

/** Maximum engines with a guard of their own; names come from outside. */
const MAX_GUARDS = 100;

/** Returns the guard of an engine. */
export function guardOf(system: string): Guard {
  const name = guards.size < MAX_GUARDS || guards.has(system) ? system : "other";
  let guard = guards.get(name);
  if (guard === undefined) {
    guard = new Guard(name);
    guards.set(name, guard);
  }
  return guard;
}
