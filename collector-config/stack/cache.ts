import { homedir } from "node:os";
import { join } from "node:path";

/** Where what is slow to get is kept between runs, outside of the clone. */
export const CACHE: string = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stratascope");
