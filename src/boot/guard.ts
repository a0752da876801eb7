import { Guard } from "../runtime/guard.ts";

/** Guard of the module hooks. */
export const guard: Guard = new Guard("loader");
