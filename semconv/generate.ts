import { emitConstants } from "./emit/constants.ts";
import { emitReference } from "./emit/reference.ts";
import { loadRegistry } from "./resolve.ts";

/**
 * Generates the constants and the reference.
 * @throws RegistryError
 */
export function generateNames(): Map<string, string> {
  const registry = loadRegistry("semconv/registry");
  return new Map([
    ["semconv/index.ts", emitConstants(registry)],
    ["semconv/README.md", emitReference(registry)],
  ]);
}
