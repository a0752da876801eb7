/** Instrumentation scope of everything that we emit, and the version of this package. */
export const SCOPE = { name: "stratascope", version: "0.1.0" } as const;
