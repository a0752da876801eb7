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

/**
 * Calls back with the namespace of each selected ES module once it has run, independent of its source language. One
 * line is appended to its source; no other module is modified, and there is no loader thread.
 * @param isMeant must not throw
 * @param loaded must not throw
 */
export function hookEsModules(
  isMeant: (url: string) => boolean,
  loaded: (url: string, namespace: unknown) => void,
): void {
  (globalThis as { [HOOK]?: typeof loaded })[HOOK] = loaded;
  registerHooks({
    load(url, context, nextLoad) {
      const result = nextLoad(url, context) as LoadFnOutput;
      const hooked = guard.attempt(() => (result.format === "module" && isMeant(url) ? withHook(url, result) : result));
      return hooked ?? result;
    },
  });
}

function withHook(url: string, result: LoadFnOutput): LoadFnOutput {
  const { source } = result;
  const text = typeof source === "string" ? source : new TextDecoder().decode(source);
  const self = JSON.stringify(url);
  return {
    ...result,
    source: `${text}\n;import * as __stratascope from ${self};${HOOK_SOURCE}?.(${self},__stratascope);`,
  };
}
