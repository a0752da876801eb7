import { Guard } from "./guard.ts";

/** Guard of the requests that we send. */
export const guard: Guard = new Guard("requests");
