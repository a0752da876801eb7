import { Guard } from "../runtime/guard.ts";

/** Stands between what finds and tells and the application. */
export const guard: Guard = new Guard("findings");
