import { Guard } from "../../src/runtime/guard.ts";

/** Guard between the HTTP instrumentation and the application. */
export const guard: Guard = new Guard("http");
