import { Module } from "node:module";

/** A CommonJS module, whichever loader made it. */
export type CommonJsModule = Pick<NodeJS.Module, "id" | "exports" | "loaded">;

/** Describes a property by what is given alone: applications put `get` and others into `Object.prototype`. */
const described = (property: PropertyDescriptor): PropertyDescriptor =>
  Object.assign(Object.create(null) as PropertyDescriptor, { enumerable: true, configurable: true }, property);

/**
 * Calls back with each CommonJS module of this thread when it is made, before it is loaded.
 *
 * All ways of loading CommonJS make a `Module`: `require`, `import`, and loaders that replace `Module._load`,
 * `Module._extensions` or the source. Its constructor sets `filename`, after `id` and `exports`, and that is where we
 * see it. A load hook sees less, and on some versions takes `require.cache` from CommonJS that is imported, or does not
 * start beside `module.register()` (nodejs/node#57327). Nothing of ours is on the stack while a module runs.
 *
 * @param made must not throw
 */
export function watchModules(made: (module: CommonJsModule) => void): void {
  Object.defineProperty(Module.prototype, "filename", {
    configurable: true,
    get: () => undefined,
    set(this: CommonJsModule, value: unknown) {
      // It becomes the module's own property, as without us; this is not called again.
      Reflect.defineProperty(this, "filename", described({ value, writable: true }));
      made(this);
    },
  });
}

/**
 * Has a module that is being loaded export what `use` makes of its exports, once they are complete.
 * @param use must not throw
 */
export function whenLoaded(module: CommonJsModule, use: (exports: unknown) => unknown): void {
  let exports: unknown = module.exports;
  const property = described({
    get() {
      // Who loads a module reads its exports when it is loaded, before anyone else does.
      if (!module.loaded) return exports;
      Reflect.defineProperty(module, "exports", described({ value: exports, writable: true }));
      exports = use(exports);
      module.exports = exports;
      return exports;
    },
    set(value: unknown) {
      exports = value;
    },
  });
  Reflect.defineProperty(module, "exports", property);
}
