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

/**
 * Pattern of package managers: they inherit the environment of the application they start, and may outlive its start,
 * but are not the application.
 */
const PACKAGE_MANAGER = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli|-[\d.]+)?(\.[cm]?js)?$/;

const isPackageManager = (): boolean => PACKAGE_MANAGER.test(basename(process.argv[1] ?? ""));

/**
 * Tells whether this process is our command line tool, by its link or its file: it inherits the environment of the
 * service it queries.
 */
function isOurTool(): boolean {
  const [, path = ""] = process.argv;
  if (!/^(stratascope|cli\.js)$/.test(basename(path)) || !existsSync(path)) return false;
  return realpathSync(path) === realpathSync(join(FOLDER, "src/cli.js"));
}

/**
 * Starts stratascope for `node --require stratascope/register app.js`: all settings come from the environment. Never
 * throws.
 * @param preload the file that workers preload
 */
export function register(preload: string): void {
  try {
    preloadInWorkers(preload);
    // Node.js also runs preloads in its internal threads, which contain no application.
    if (!isInternalThread() && !isPackageManager() && !isOurTool())
      startWith({ engines, frameworks, logLibraries }, {}, { ...api, legacyLogs });
  } catch (error) {
    log.error(`could not start, the application runs without it: ${failureOf(error).text()}`);
  }
}
