/** Entries in the table of readers, by state, and the oldest snapshot they hold. */
export interface Readers {
  readonly active: number;
  readonly idle: number;
  readonly stale: number;
  readonly oldest: number | undefined;
}

/** Entry of the table, as the engine prints it: process, thread, and the number of the transaction or a dash. */
const ENTRY = /^ *(\d+) [0-9a-f]+ (\d+|-)$/;

/** Reads the table of readers. */
export function readersIn(list: readonly string[]): Readers {
  const count = { active: 0, idle: 0, stale: 0 };
  let oldest: number | undefined;
  for (const line of list.flatMap((text) => text.split("\n"))) {
    const [, process, snapshot] = ENTRY.exec(line) ?? [];
    if (process === undefined || snapshot === undefined) continue;
    const isActive = snapshot !== "-";
    count[isRunning(Number(process)) ? (isActive ? "active" : "idle") : "stale"]++;
    if (isActive) oldest = Math.min(oldest ?? Infinity, Number(snapshot));
  }
  return { ...count, oldest };
}

/** The original: applications replace it. */
const kill = process.kill.bind(process);

/** Tells whether a process is there; one of another user is. */
function isRunning(id: number): boolean {
  if (id === process.pid) return true;
  try {
    return kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
