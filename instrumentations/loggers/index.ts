import type { LogLibrary } from "../../src/logs/library.ts";
import { bunyan } from "./bunyan.ts";
import { pino } from "./pino.ts";
import { winston } from "./winston.ts";

/** All supported logging libraries, in alphabetical order. */
export const logLibraries: readonly LogLibrary[] = [bunyan, pino, winston];
