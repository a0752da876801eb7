import { readFileSync } from "node:fs";
import { registerHooks, type LoadFnOutput } from "node:module";
import { fileURLToPath } from "node:url";
import type { Target } from "./engine.ts";
import { recordOf } from "./engine-record.ts";
import type { ModuleInstrumentation } from "./instrumentation.ts";
import { log, warnOnce } from "./log.ts";

/** Where the line that is appended to an engine's module finds us. */
const HOOK = Symbol.for("stratascope.loaded");
const HOOK_SOURCE = `globalThis[Symbol.for("stratascope.loaded")]`;

type Loaded = (file: string, exports: unknown) => unknown;

/**
 * Hands the exports of each hooked module to its instrumentation, however the module is loaded: `require`,
 * `import`, TypeScript stripped of its types. One line is appended to the source of the few files in question;
 * no other module is touched, and there is no loader thread.
 */
export function hookModules(instrumentations: readonly ModuleInstrumentation[]): void {
  for (const { target } of instrumentations) recordOf(target.id);
  const byFile = new Map(instrumentations.map((each) => [fileOf(each.target), each]));
  const loaded: Loaded = (file, exports) => byFile.get(file)?.patch(exports) ?? exports;
  (globalThis as { [HOOK]?: Loaded })[HOOK] = loaded;

  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context);
      if (url.startsWith("node:")) patchBuiltin(url, byFile.get(url));
      const file = fileInPackage(url);
      const instrumentation = file === undefined ? undefined : byFile.get(file);
      if (instrumentation === undefined) return result;
      try {
        return isTested(versionOf(url, instrumentation.target), instrumentation.target)
          ? withHook(url, file!, result as LoadFnOutput)
          : result;
      } catch (error) {
        recordOf(instrumentation.target.id).reason = "it could not be hooked";
        warnOnce(`[${instrumentation.target.id}] could not be hooked and is not observed: ${String(error)}`);
        return result;
      }
    },
  });
}

const fileOf = ({ module, file }: Target): string => (file === undefined ? module : `${module}/${file}`);

/** A built-in module has no source to append to; it is there already, and is patched in place. */
function patchBuiltin(url: string, instrumentation: ModuleInstrumentation | undefined): void {
  if (instrumentation === undefined || !isTested(process.versions.node, instrumentation.target)) return;
  instrumentation.patch(process.getBuiltinModule(url));
}

const NODE_MODULES = "/node_modules/";

/** `file:///app/node_modules/better-sqlite3/lib/database.js` → `better-sqlite3/lib/database.js` */
function fileInPackage(url: string): string | undefined {
  const at = url.lastIndexOf(NODE_MODULES);
  return at === -1 ? undefined : url.slice(at + NODE_MODULES.length);
}

function versionOf(url: string, { file = "" }: Target): string {
  const folder = url.slice(0, url.length - file.length);
  const { version } = JSON.parse(readFileSync(fileURLToPath(`${folder}package.json`), "utf8")) as { version: string };
  return version;
}

function isTested(version: string, target: Target): boolean {
  const [from, below] = target.versions;
  const tested = compareVersions(version, from) >= 0 && compareVersions(version, below) < 0;
  const record = recordOf(target.id);
  record.version = version;
  if (!tested) record.reason = `it is outside of the tested versions, from ${from} and below ${below}`;
  if (tested) log.debug(`[${target.id}] ${version} is observed`);
  else
    warnOnce(
      `[${target.id}] ${version} is outside of the tested versions, from ${from} and below ${below}; it is left alone and not observed`,
    );
  return tested;
}

const numbers = (version: string): number[] => version.split(/[.+-]/, 3).map(Number);

/** By the three numbers; of a pre-release only the numbers count. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    if (left[i] !== right[i]) return (left[i] ?? 0) - (right[i] ?? 0);
  }
  return 0;
}

function withHook(url: string, file: string, result: LoadFnOutput): LoadFnOutput {
  const source = sourceOf(url, result);
  const name = JSON.stringify(file);
  if (result.format === "module") {
    const self = JSON.stringify(url);
    return {
      ...result,
      source: `${source}\n;import * as __stratascope from ${self};${HOOK_SOURCE}?.(${name},__stratascope);`,
    };
  }
  const hooked = `${source}\n;module.exports=${HOOK_SOURCE}?.(${name},module.exports)??module.exports;`;
  return { ...result, format: result.format ?? "commonjs", source: hooked };
}

/** Node leaves out the source of what it loads as CommonJS by itself. */
function sourceOf(url: string, { source }: LoadFnOutput): string {
  if (source === undefined || source === null) return readFileSync(fileURLToPath(url), "utf8");
  return typeof source === "string" ? source : new TextDecoder().decode(source);
}
