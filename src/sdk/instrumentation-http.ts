import { syncBuiltinESMExports } from "node:module";
import { context } from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";

/**
 * Traces and measures incoming and outgoing HTTP requests. The modules are built in, so they are patched in place, once
 * for `require` and `import` alike, and no hook has to inspect every module the application loads.
 */
export function instrumentHttp(): void {
  const instrumentation = new HttpInstrumentation({
    enabled: false,
    // Our own exports are not requests of the application.
    ignoreOutgoingRequestHook: () => isTracingSuppressed(context.active()),
  });
  for (const { name, patch } of instrumentation.getModuleDefinitions()) {
    patch?.(process.getBuiltinModule(name as "http"));
  }
  syncBuiltinESMExports();
}
