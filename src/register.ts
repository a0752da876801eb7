import { start } from "./index.ts";
import { log } from "./log.ts";
import { isInternalThread } from "./thread.ts";

/** `node --require stratascope/register app.js`: everything from the environment, and nothing ever thrown. */
try {
  // Node runs preloads in its own helper threads as well, where no application is.
  if (!isInternalThread()) start();
} catch (error) {
  log.error(
    `could not start, the application runs without it: ${error instanceof Error ? error.message : String(error)}`,
  );
}
