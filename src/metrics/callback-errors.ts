import { ATTR_ERROR_TYPE, METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS } from "../../semconv/index.ts";
import { log } from "../runtime/self-log.ts";
import { metricRegistry } from "./registry.ts";

const failures = metricRegistry.instrument(METRIC_STORAGE_INSTRUMENTATION_CALLBACK_ERRORS);

/** Counts a failed run of an observable callback of the application. */
export function callbackFailed(failure: string): void {
  failures.bind({ [ATTR_ERROR_TYPE]: failure }).add(1);
  log.debug(`a metric could not be observed: ${failure}`);
}
