/** Built-in module, and a function to call when the application uses it. */
export interface BuiltinModule {
  readonly exports: object;
  /** Emits the warnings Node.js issued when the module was loaded, ahead of the application. */
  readonly used: () => void;
}

/**
 * Loads a built-in module before the application does, so that it is instrumented however the application loads it:
 * `require`, `import`, `process.getBuiltinModule`, in a single executable application or a context of its own.
 * @returns undefined if this Node.js has no such module
 */
export function loadBuiltin(name: string): BuiltinModule | undefined {
  const { emitWarning } = process;
  const warnings: Parameters<typeof emitWarning>[] = [];
  // An experimental module emits its warning once; it must reach those who use the module.
  process.emitWarning = (...warning: unknown[]) => void warnings.push(warning as (typeof warnings)[number]);
  try {
    const exports = process.getBuiltinModule(name) as object | undefined;
    const used = (): void => {
      for (const warning of warnings.splice(0)) process.emitWarning(...warning);
    };
    return exports && { exports, used };
  } finally {
    process.emitWarning = emitWarning;
  }
}
