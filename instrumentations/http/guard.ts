import { Guard } from "../../src/runtime/guard.ts";

/** Stands between what follows HTTP and the application. */
export const guard: Guard = new Guard("http");
