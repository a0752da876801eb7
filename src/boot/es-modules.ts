import { guard } from "./guard.ts";
import { registerHooks, type LoadFnOutput } from "node:module";

/** Global symbol by which the line appended to an ES module finds the hook. */
const HOOK = Symbol.for("stratascope.loaded");
const HOOK_SOURCE = `globalThis[Symbol.for("stratascope.loaded")]`;

/**
 * Tells whether this Node.js has a load hook without side effects. In earlier versions the hook removes `require.cache`
 * from imported CommonJS, and beside a loader of `module.register()` the application does not start
 * (nodejs/node#57327).
 */
export function canHookEsModules(version: string = process.versions.node): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
  if (major >= 26) return true;
  const [fromMinor, fromPatch] = { 22: [22, 3], 24: [11, 1], 25: [1, 0] }[major] ?? [Infinity, 0];
  return minor > fromMinor! || (minor === fromMinor && patch >= fromPatch!);
}

/** ES module that is hooked. */
export interface MeantModule {
  /** Names of functions it declares that can be replaced. */
  readonly functions: readonly string[];
}

/**
 * Calls back with the namespace of each selected ES module once it has run, independent of its source language. One
 * line is appended to its source; no other module is modified, and there is no loader thread.
 * @param meant returns undefined for a module that is not selected; must not throw
 * @param loaded returns functions that take the places of those of the same names; must not throw
 */
export function hookEsModules(
  meant: (url: string) => MeantModule | undefined,
  loaded: (url: string, namespace: unknown) => unknown,
): void {
  (globalThis as { [HOOK]?: typeof loaded })[HOOK] = loaded;
  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context) as LoadFnOutput;
      const hooked = guard.attempt(() => {
        const module = result.format === "module" ? meant(url) : undefined;
        return module === undefined ? result : withHook(url, result, module);
      });
      return hooked ?? result;
    },
  });
}

function withHook(url: string, result: LoadFnOutput, { functions }: MeantModule): LoadFnOutput {
  const { source } = result;
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  const self = JSON.stringify(url);
  const call = `${HOOK_SOURCE}?.(${self},__stratascope)`;
  return { ...result, source: `${text}\n;import * as __stratascope from ${self};${replacing(functions, call)}` };
}

/**
 * Returns the source of a call whose result has functions that replace those the module declares. In another version of
 * the module, a name can be that of a constant, or of nothing.
 */
function replacing(functions: readonly string[], call: string): string {
  if (functions.length === 0) return `${call};`;
  const replaced = functions.map((name) => `try{${name}=__stratascope_new.${name}??${name}}catch{}`);
  return `{const __stratascope_new=${call}??{};${replaced.join("")}}`;
}
