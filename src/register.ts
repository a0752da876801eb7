import { existsSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import api from "@opentelemetry/api";
import { logs as legacyLogs } from "@opentelemetry/api-logs";
import { engines } from "../instrumentations/index.ts";
import { frameworks } from "../instrumentations/frameworks/index.ts";
import { logLibraries } from "../instrumentations/loggers/index.ts";
import { failureOf } from "./runtime/failure.ts";
import { FOLDER } from "./runtime/package-root.ts";
import { log } from "./runtime/self-log.ts";
import { startWith } from "./boot/start.ts";
import { isInternalThread } from "./runtime/thread.ts";
import { preloadInWorkers } from "./threads/worker-preload.ts";

/** They inherit the environment of the application they start, and may outlive its start, but are not the application. */
const PACKAGE_MANAGER = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli|-[\d.]+)?(\.[cm]?js)?$/;

const isPackageManager = (): boolean => PACKAGE_MANAGER.test(basename(process.argv[1] ?? ""));

/** The command line tool, by its link or its file: it inherits the environment of the service it asks. */
function isOurTool(): boolean {
  const [, path = ""] = process.argv;
  if (!/^(stratascope|cli\.js)$/.test(basename(path)) || !existsSync(path)) return false;
  return realpathSync(path) === realpathSync(join(FOLDER, "src/cli.js"));
}

/**
 * `node --require stratascope/register app.js`: everything from the environment, and nothing ever thrown.
 * @param preload the file that workers preload
 */
export function register(preload: string): void {
  try {
    preloadInWorkers(preload);
    // Node runs preloads in its own helper threads as well, where no application is.
    if (!isInternalThread() && !isPackageManager() && !isOurTool())
      startWith({ engines, frameworks, logLibraries }, {}, { ...api, legacyLogs });
  } catch (error) {
    log.error(`could not start, the application runs without it: ${failureOf(error).text()}`);
  }
}
