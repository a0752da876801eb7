import { context } from "@opentelemetry/api";
import type { Config } from "../config/index.ts";
import { throwing } from "../context/request.ts";
import { Guard } from "../runtime/guard.ts";
import { hideOwnFrames } from "../runtime/own-frames.ts";
import { countUnhandled, recordUnhandled } from "./unhandled-errors.ts";

const guard = new Guard("crashes");

/**
 * Has every error that nobody handles counted, and become a record unless that is off, which goes out or is kept as all others. Node.js tells us of it
 * before it does what it does without us; a listener for anything else than this would change that.
 */
export function recordCrashes({ crashes }: Config): void {
  countUnhandled();
  process.on(
    "uncaughtExceptionMonitor",
    // Thrown here, an error would take the place of the application's.
    guard.callback((error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => {
      countUnhandled(origin);
      hideOwnFrames(error);
      if (crashes === "off") return;
      // A listener that has thrown is over by now, and what was active in it.
      const where = throwing.context ?? context.active();
      recordUnhandled({ error, origin, context: where, crashes });
    }),
  );
}
