import { errorType } from "../../src/runtime/error-type.ts";

/** Parts of an error that can have the code of the engine. */
interface Failure {
  readonly code?: unknown;
  /** Error of the engine, of a batch of writes that was not applied. */
  readonly cause?: unknown;
  /** Errors of the engine by read, of a batch of reads. */
  readonly errors?: unknown;
}

/** Returns the `error.type`: the code of the engine's error, which that of a batch has inside; by default the class. */
export function errorTypeOf(error: unknown): string {
  const { cause, errors } = (typeof error === "object" && error !== null ? error : {}) as Failure;
  const first: unknown = Array.isArray(errors) ? errors.find((each) => Boolean(each)) : undefined;
  const inner = [cause, first].find((each) => typeof (each as Failure | undefined)?.code === "string");
  return errorType(inner ?? error);
}
