import type { Probe } from "../../src/instrument/probe.ts";
import { observeBatches } from "./batches.ts";
import { Databases } from "./databases.ts";
import { observeIterators } from "./iterators.ts";
import type { Session } from "./package.ts";
import { observeSnapshots } from "./snapshots.ts";

/** Methods that can be the first use of a database, beside those that make something. */
const USES = [
  "ready",
  "close",
  "flush",
  "compact",
  "compactRange",
  "approximateSize",
  "currentWalFile",
  "getStatsLevel",
  "setStatsLevel",
  "getProperty",
  "suspend",
  "resume",
];

/**
 * Patches the class of sessions. The other classes of the package are not exported: they are patched as soon as a session
 * shows an object of theirs, which is before the engine is called.
 */
export function patch(exports: unknown, probe: Probe): void {
  const { prototype } = exports as { readonly prototype: object };
  const databases = new Databases(probe);
  for (const name of USES) probe.before(prototype, name, (session: Session) => databases.touch(session));
  observeBatches(prototype, probe, databases);
  observeIterators(prototype, probe, databases);
  observeSnapshots(prototype, probe, databases);
}
