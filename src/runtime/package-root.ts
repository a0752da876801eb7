import { basename, dirname } from "node:path";

/** The folder of this file; in a build, where one file holds all that runs from the start, that is `src`. */
const here = import.meta.dirname;

/** The folder above `src`, in a checkout or in a build. */
export const FOLDER: string = dirname(basename(here) === "src" ? here : dirname(here));
