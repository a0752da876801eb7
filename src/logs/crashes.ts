import type { Config } from "../config.ts";
import { loadNow } from "../lazy.ts";
import { log } from "../log.ts";

/**
 * Has every error that nobody handles become a record, which goes out or is kept as all others. Node.js tells us of it
 * before it does what it does without us; a listener for anything else than this would change that.
 */
export function recordCrashes(config: Config): void {
  if (config.crashes === "off") return;
  process.on("uncaughtExceptionMonitor", (error, origin) => {
    // Thrown here, an error would take the place of the application's.
    try {
      loadNow<typeof import("./unhandled.ts")>("logs/unhandled").recordUnhandled(error, origin, config);
    } catch (failure) {
      log.debug(`an error that nobody handled could not be recorded: ${String(failure)}`);
    }
  });
}
