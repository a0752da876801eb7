import { basename, dirname } from "node:path";

/** Folder of this file. In a build, one file in `src` contains everything that runs from the start. */
const here = import.meta.dirname;

/** Folder above `src`, in a checkout or in a build. */
export const FOLDER: string = dirname(basename(here) === "src" ? here : dirname(here));
