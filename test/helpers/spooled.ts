import { existsSync, readdirSync } from "node:fs";

/** Lists the files of a folder in which telemetry waits for the next start; beside them lies the key of the folder. */
export const spooledIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.includes(".spool")) : [];
