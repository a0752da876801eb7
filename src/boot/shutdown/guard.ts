import { Guard } from "../../runtime/guard.ts";

/** Stands between what is done at the end and the application. */
export const guard: Guard = new Guard("exit");
