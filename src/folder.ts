import { dirname } from "node:path";

/** The folder above `src`, in a checkout or in a build, where one file beside this one's place holds all. */
export const FOLDER: string = dirname(import.meta.dirname);
