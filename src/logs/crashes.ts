import { context } from "@opentelemetry/api";
import type { Config } from "../config/index.ts";
import { throwing } from "../context/request.ts";
import { Guard } from "../runtime/guard.ts";
import { hideOwnFrames } from "../runtime/own-frames.ts";
import { noteUncaught } from "../runtime/uncaught.ts";
import { countUnhandled, recordUnhandled } from "./unhandled-errors.ts";

const guard = new Guard("crashes");

/**
 * Counts every unhandled error and, unless disabled, emits it as a log record that is exported or spooled like all
 * others. Node.js reports the error before its default action; a listener for any other event would change that action.
 */
export function recordCrashes({ crashes }: Config): void {
  countUnhandled();
  process.on(
    "uncaughtExceptionMonitor",
    // An error thrown here would replace the application's.
    guard.callback((error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => {
      noteUncaught();
      countUnhandled(origin);
      hideOwnFrames(error);
      if (crashes === "off") return;
      // A listener that has thrown has returned by now, and its context is no longer active.
      const where = throwing.context ?? context.active();
      recordUnhandled({ error, origin, context: where, crashes });
    }),
  );
}
