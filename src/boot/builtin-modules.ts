/** A built-in module, and what says when the application uses it. */
export interface BuiltinModule {
  readonly exports: object;
  /** Emits the warnings of Node.js that came with the module, which is loaded ahead of the application. */
  readonly used: () => void;
}

/**
 * Loads a built-in module before the application asks for it, so that it is seen whichever way it asks: `require`,
 * `import`, `process.getBuiltinModule`, in a single executable application or a context of its own.
 * @returns undefined if this Node.js has no such module
 */
export function loadBuiltin(name: string): BuiltinModule | undefined {
  const { emitWarning } = process;
  const warnings: Parameters<typeof emitWarning>[] = [];
  // An experimental module says so once; it is to say it to those who use it.
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
