import { Guard } from "../runtime/guard.ts";

/** Guard between the findings and the application. */
export const guard: Guard = new Guard("findings");
