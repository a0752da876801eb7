import { resolve } from "node:path";
import type { Probe } from "../../src/instrument/probe.ts";
import { sizeOf } from "../files/file-stat.ts";
import { Backup } from "../sqlite/backup.ts";
import { isMain } from "../sqlite/schema.ts";
import { connectionOf } from "./connections.ts";
import { observeCallback } from "./database.ts";
import type { Db, NativeBackup } from "./types.ts";

/** Backup of a database that the application makes step by step. */
class Following {
  readonly #file: string;
  readonly #db: Db;
  #backup: Backup | undefined;
  #isEnded = false;

  constructor(db: Db, file: string) {
    this.#db = db;
    // The working directory may have changed when it ends.
    this.#file = resolve(file);
    this.begun();
  }

  /** Begins the activity, as soon as the database is open. */
  begun(): void {
    const connection = connectionOf(this.#db);
    if (connection !== undefined && !this.#isEnded) this.#backup ??= new Backup(connection.database);
  }

  stepped({ completed, failed, pageCount, remaining }: NativeBackup, error: unknown): void {
    this.begun();
    if (completed) this.#end(undefined, { items: pageCount, bytes: sizeOf(this.#file) });
    else if (failed) this.failed(error);
    else this.#backup?.progressed(remaining);
  }

  failed(error: unknown): void {
    this.#end(connectionOf(this.#db)?.database.errorType(error) ?? GIVEN_UP);
  }

  /** Records that the application has finished it; before its last page, it was given up. */
  finished(): void {
    this.#end(GIVEN_UP);
  }

  #end(failure: string | undefined, measured = {}): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#backup?.ended(failure, measured);
  }
}

const GIVEN_UP = "_OTHER";

const backups = new WeakMap<NativeBackup, Following>();

/** Patches the backup of a database, and its steps. */
export function patchBackup(database: Db, prototype: NativeBackup, probe: Probe): void {
  observeCallback(probe, database, "backup", callbackOf, (db: Db, args) => {
    const following = followingOf(db, args);
    return (
      following && {
        called(self, error) {
          backups.set(self as NativeBackup, following);
          if (error === null || error === undefined) following.begun();
          else following.failed(error);
        },
      }
    );
  });
  observeCallback(
    probe,
    prototype,
    "step",
    () => 1,
    (backup: NativeBackup) => ({
      called: (_, error) => backups.get(backup)?.stepped(backup, error),
    }),
  );
  observeCallback(
    probe,
    prototype,
    "finish",
    () => 0,
    (backup: NativeBackup) => ({
      called: () => backups.get(backup)?.finished(),
    }),
  );
}

/** Returns the index of the callback: the names of the databases and the direction are left out, or given before it. */
const callbackOf = (args: readonly unknown[]): number => (args.length <= 2 ? 1 : 4);

/** Follows `backup(file)`, and `backup(file, source, destination, true)`; the other direction restores a database. */
function followingOf(db: Db, args: readonly unknown[]): Following | undefined {
  const [file, source, , isFileDestination] = args;
  const isBackup = args.length <= 2 || (isMain(source) && isFileDestination === true);
  return typeof file === "string" && isBackup ? new Following(db, file) : undefined;
}
