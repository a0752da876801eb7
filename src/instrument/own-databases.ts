/** Databases of ours, in which health checks write and read. */
const own = new WeakSet<object>();
let isOpening = false;

/** Opens a database of ours: its engine does not observe it. */
export function openOwn<T extends object>(open: () => T): T {
  isOpening = true;
  try {
    const database = open();
    own.add(database);
    return database;
  } finally {
    isOpening = false;
  }
}

/**
 * Tells whether a database, or an object of the engine for it, is ours. Engines ask before they observe one; what they meet
 * while one of ours is opened is ours.
 */
export function isOwn(database: object): boolean {
  if (isOpening) own.add(database);
  return own.has(database);
}

/** What opens databases, as the application has loaded it, by the id of its instrumentation. */
const loaded = new Map<string, unknown>();

/** Notes the exports of a package, or the class of its databases. */
export function noteLoaded(id: string, module: unknown): void {
  loaded.set(id, module);
}

/** Returns what the application has loaded; undefined if it has not. */
export const loadedModule = (id: string): unknown => loaded.get(id);
