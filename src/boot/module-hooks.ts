import { guard } from "./guard.ts";
import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { loadBuiltin } from "./builtin-modules.ts";
import { watchModules, whenLoaded, type CommonJsModule } from "./commonjs-modules.ts";
import { instrumentationStatus } from "../instrument/instrumentation-status.ts";
import type { ModuleTarget } from "../instrument/definition.ts";
import { canHookEsModules, hookEsModules } from "./es-modules.ts";
import type { ModuleInstrumentation } from "./otel-instrumentation.ts";
import { failureOf } from "../runtime/failure.ts";
import { log, warnOnce } from "../runtime/self-log.ts";
import { warnUncovered } from "./uncovered.ts";

/** Module that is hooked, and what patches it. */
interface Hooked {
  readonly instrumentation: ModuleInstrumentation;
  readonly module: ModuleTarget;
}

/** Hooked modules by package and file. */
const hooked = new Map<string, Hooked>();

/**
 * Passes the exports of each hooked module to its instrumentation, however the module is loaded. Built-in modules are
 * patched at once, CommonJS modules when they have run, ES modules if Node.js has a load hook without side effects.
 */
export function hookModules(instrumentations: readonly ModuleInstrumentation[]): void {
  for (const { target } of instrumentations) instrumentationStatus(target.id);
  const isFirst = hooked.size === 0;
  for (const instrumentation of instrumentations) {
    for (const module of instrumentation.target.modules) {
      if (isBuiltin(module.name)) patchBuiltin({ instrumentation, module });
      else hooked.set(`${module.name}/${module.file ?? ""}`, { instrumentation, module });
    }
  }
  if (isFirst) watch();
}

function watch(): void {
  watchModules(
    guard.callback((module) => {
      const found = hookedAt(module.id);
      if (found !== undefined) whenLoaded(module, (exports) => patchFile(module.id, exports, found) ?? exports);
      else {
        if (module.id.endsWith(".node")) watchAddon(module);
        reportUnobserved(module.id);
      }
    }),
  );
  if (!canHookEsModules()) return;
  hookEsModules(
    (url) => {
      const found = hookedAt(url);
      if (found !== undefined) return { functions: found.module.functions ?? [] };
      guard.attempt(() => reportUnobserved(url));
      return undefined;
    },
    (url, namespace) => patchFile(fileURLToPath(url), namespace, hookedAt(url)!),
  );
}

function watchAddon(module: CommonJsModule): void {
  const name = basename(module.id);
  const found = [...hooked.values()].find(({ instrumentation: { addon } }) => addon?.file.test(name));
  if (found === undefined) return;
  whenLoaded(module, (exports) => {
    guard.attempt(() => {
      patchAddon(module.id, exports, found);
      warnUnobserved(found.instrumentation.target.id);
    });
    return exports;
  });
}

/**
 * Patches a native addon. One outside of the package was placed there by the application; its version is assumed to
 * match the package.
 */
function patchAddon(path: string, exports: unknown, { instrumentation, module }: Hooked): void {
  const folder = `${module.name}/`;
  const file = fileInPackage(path);
  const isInside = file?.startsWith(folder) === true;
  if (!isInside || isTested(versionOf(path, file!.slice(folder.length)), { instrumentation, module }))
    instrumentation.addon?.patch(exports);
}

/** Reports an engine whose native code was loaded without its package: the code that runs it was not instrumented. */
function warnUnobserved(engine: string): void {
  const record = instrumentationStatus(engine);
  if (record.isOn !== undefined || record.reason !== undefined) return;
  record.reason =
    "it was loaded before stratascope, or by no loader of Node.js, as in a pool of jest or vitest, or a bundle";
  warnOnce(
    `[${engine}] is loaded and not observed: ${record.reason}; instrument("${engine}", Database) of stratascope observes it`,
  );
}

/** Returns what is hooked at a path such as `…/node_modules/better-sqlite3/lib/database.js`. */
const hookedAt = (pathOrUrl: string): Hooked | undefined => hooked.get(fileInPackage(pathOrUrl) ?? "");

function reportUnobserved(pathOrUrl: string): void {
  const file = fileInPackage(pathOrUrl);
  if (file !== undefined) warnUncovered(pathOrUrl.startsWith("file:") ? fileURLToPath(pathOrUrl) : pathOrUrl, file);
}

function patchBuiltin({ instrumentation, module }: Hooked): void {
  const isSupported = isTested(process.versions.node, { instrumentation, module });
  const builtin = isSupported ? loadBuiltin(module.name) : undefined;
  if (builtin !== undefined) instrumentation.patchAhead(builtin.exports, module, builtin.used);
}

/** Patches the exports of a file, if its package has a tested version. */
function patchFile(path: string, exports: unknown, { instrumentation, module }: Hooked): unknown {
  const { target } = instrumentation;
  try {
    const isSupported = isTested(versionOf(path, module.file ?? ""), { instrumentation, module });
    return isSupported ? instrumentation.patch(exports, module) : undefined;
  } catch (error) {
    instrumentationStatus(target.id).reason = "it could not be hooked";
    warnOnce(`[${target.id}] could not be hooked and is not observed: ${failureOf(error).text()}`);
    return undefined;
  }
}

const NODE_MODULES = "/node_modules/";

/**
 * Returns the path from the package on, on Windows too, and without a query:
 * `/app/node_modules/better-sqlite3/lib/database.js` → `better-sqlite3/lib/database.js`.
 */
export function fileInPackage(pathOrUrl: string): string | undefined {
  const path = pathOrUrl.includes("\\") ? pathOrUrl.replaceAll("\\", "/") : pathOrUrl;
  const at = path.lastIndexOf(NODE_MODULES);
  if (at === -1) return undefined;
  const query = path.indexOf("?", at);
  return path.slice(at + NODE_MODULES.length, query === -1 ? undefined : query);
}

function versionOf(path: string, file: string): string {
  const end = path.lastIndexOf("?");
  const folder = (end === -1 ? path : path.slice(0, end)).slice(0, -file.length);
  const { version } = JSON.parse(readFileSync(`${folder}package.json`, "utf8")) as { version: string };
  return version;
}

function isTested(version: string, { instrumentation: { target }, module }: Hooked): boolean {
  const [from, below] = module.versions;
  const tested = compareVersions(version, from) >= 0 && compareVersions(version, below) < 0;
  const record = instrumentationStatus(target.id);
  record.version = version;
  record.reason = tested ? undefined : `it is outside of the tested versions, from ${from} and below ${below}`;
  if (tested) log.debug(`[${target.id}] ${version} is observed`);
  else
    warnOnce(
      `[${target.id}] ${version} is outside of the tested versions, from ${from} and below ${below}; it is left alone and not observed`,
    );
  return tested;
}

const numbers = (version: string): number[] => version.split(/[.+-]/, 3).map(Number);

/** Compares two versions by their three numbers, ignoring pre-release tags. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0);
  }
  return 0;
}
