import { Module } from "node:module";

/** CommonJS module, independent of the loader that created it. */
export type CommonJsModule = Pick<NodeJS.Module, "id" | "exports" | "loaded">;

/** Returns a property descriptor without a prototype: applications add `get` and other names to `Object.prototype`. */
const described = (property: PropertyDescriptor): PropertyDescriptor =>
  Object.assign(Object.create(null) as PropertyDescriptor, { enumerable: true, configurable: true }, property);

/**
 * Calls back with each CommonJS module of this thread when it is created, before it is loaded.
 *
 * Every way of loading CommonJS creates a `Module`: `require`, `import`, and loaders that replace `Module._load`,
 * `Module._extensions` or the source. Its constructor sets `filename`, after `id` and `exports`, and a setter observes
 * that. A load hook observes less. On some versions it removes `require.cache` from imported CommonJS, or does not
 * start beside `module.register()` (nodejs/node#57327). While a module runs, none of our frames is on the stack.
 *
 * @param made must not throw
 */
export function watchModules(made: (module: CommonJsModule) => void): void {
  Object.defineProperty(Module.prototype, "filename", {
    configurable: true,
    get: () => undefined,
    set(this: CommonJsModule, value: unknown) {
      // The value becomes the module's own property, as without the setter; the setter is not called again.
      Reflect.defineProperty(this, "filename", described({ value, writable: true }));
      made(this);
    },
  });
}

/**
 * Replaces the exports of a module that is being loaded by the result of `use`, once they are complete.
 * @param use must not throw
 */
export function whenLoaded(module: CommonJsModule, use: (exports: unknown) => unknown): void {
  let exports: unknown = module.exports;
  const property = described({
    get() {
      // The loader reads the exports first, as soon as the module is loaded.
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
