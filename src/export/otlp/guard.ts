import { Guard } from "../../runtime/guard.ts";

/** Stands between what sends telemetry and the application. */
export const guard: Guard = new Guard("export");
