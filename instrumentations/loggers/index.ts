import type { LogLibrary } from "../../src/logs/library.ts";
import { bunyan } from "./bunyan.ts";
import { pino } from "./pino.ts";
import { winston } from "./winston.ts";

/** Every library that applications log with, alphabetical. */
export const logLibraries: readonly LogLibrary[] = [bunyan, pino, winston];
