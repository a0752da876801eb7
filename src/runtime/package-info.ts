import { SCHEMA_URL } from "../../semconv/index.ts";

/** Options of each tracer and logger of ours: what they emit has the names of the registry. */
export const SCHEMA = { schemaUrl: SCHEMA_URL } as const;

/** Instrumentation scope of everything that we emit, and the version of this package. */
export const SCOPE = { name: "stratascope", version: "0.1.0", ...SCHEMA } as const;
