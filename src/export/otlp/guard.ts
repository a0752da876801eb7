import { Guard } from "../../runtime/guard.ts";

/** Guard of the code that sends telemetry. */
export const guard: Guard = new Guard("export");
