import { Guard } from "../runtime/guard.ts";

/** Guard of the listener and its ports. */
export const guard: Guard = new Guard("listener");
