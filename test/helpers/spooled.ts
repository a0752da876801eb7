import { existsSync, readdirSync } from "node:fs";

/** Lists the spool files of a folder, without the key of the folder. */
export const spooledIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.includes(".spool")) : [];
