import { existsSync, lstatSync, opendirSync, type Stats } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../runtime/make-folder.ts";
import { isDead, ownerId } from "../../runtime/process-identity.ts";
import { isPrivate, USER } from "../../runtime/private-file.ts";
import { keyedHash, type KeyedHash } from "./spool-key.ts";

const PRIVATE_FOLDER = join(tmpdir(), `stratascope-${USER ?? "spool"}`);

/** Maximum entries of a folder that are read; other users may have filled it. */
const MAX_ENTRIES = 10_000;

/**
 * Name of a file: service, destination with credentials, time and a unique number; then the thread that works on it.
 */
const NAME = /^stratascope-([0-9a-f]{8})-([0-9a-f]{16})-([0-9a-z]{9})-([0-9a-z]{1,16})\.spool(?:\.([0-9a-z-]{1,80}))?$/;

/** Service and destination of files. */
export interface Identity {
  /** Service whose files share one limit. */
  readonly service: string;
  /** Value that is equal for everything sent to the same place with the same credentials. */
  readonly destination: string;
}

/** File of the service that no living thread works on. */
export interface SpoolFile {
  readonly path: string;
  readonly bytes: number;
  /** True if the file is for the same destination. */
  readonly isOurs: boolean;
  /** Time of the last access by a thread, in milliseconds of the wall clock. */
  readonly time: number;
}

/** Folder with the files of a service, to which other users may write as well. Names and finds the files. */
export class SpoolFolder {
  readonly path: string;
  readonly #isChosen: boolean;
  readonly #identity: Identity;
  #hash: KeyedHash | undefined;
  #named = 0;

  /** @param path folder of the files; if empty, a private folder of this user */
  constructor(path: string, identity: Identity) {
    this.#isChosen = path !== "";
    this.path = this.#isChosen ? path : PRIVATE_FOLDER;
    this.#identity = identity;
  }

  /** Creates the folder, and returns the path of a new file in it that this thread works on. */
  newPath(time: number): string {
    makeFolder(this.path);
    this.check();
    this.#hash ??= keyedHash(this.path, true)!;
    const at = Math.max(time, 0).toString(36).padStart(9, "0").slice(-9);
    const number = `${(this.#named++).toString(36).padStart(4, "0")}${Math.floor(Math.random() * 2 ** 32).toString(36)}`;
    return join(this.path, `stratascope-${this.#service()}-${this.#destination()}-${at}-${number}.spool.${ownerId()}`);
  }

  /** Finds the files of the service that no living thread works on, the oldest first. */
  files(): SpoolFile[] {
    const names = this.#names();
    if (names.length === 0) return [];
    this.#hash ??= keyedHash(this.path, false);
    if (this.#hash === undefined) return [];
    const [service, destination] = [this.#service(), this.#destination()];
    return names.flatMap(({ name, match }) => {
      const [, itsService, itsDestination, , , owner] = match;
      if (itsService !== service) return [];
      const path = join(this.path, name);
      const stats = lstatSync(path, { throwIfNoEntry: false });
      if (stats === undefined || !isSpoolFile(stats)) return [];
      if (owner !== undefined && !isDead(owner, Date.now() - stats.mtimeMs)) return [];
      return [{ path, bytes: stats.size, isOurs: itsDestination === destination, time: stats.mtimeMs }];
    });
  }

  /**
   * Throws if another user may have created the folder among the temporary files. A folder that the application chose
   * is not checked.
   */
  check(): void {
    if (this.#isChosen) return;
    const stats = lstatSync(this.path);
    const isOwn = stats.isDirectory() && (USER === undefined || (stats.uid === USER && (stats.mode & 0o077) === 0));
    if (!isOwn) throw new Error(`${this.path} is not a folder of this user's alone`);
  }

  #names(): { name: string; match: RegExpExecArray }[] {
    if (!existsSync(this.path)) return [];
    this.check();
    const names: { name: string; match: RegExpExecArray }[] = [];
    const folder = opendirSync(this.path);
    try {
      for (let i = 0; i < MAX_ENTRIES; i++) {
        const entry = folder.readSync();
        if (entry === null) break;
        const match = NAME.exec(entry.name);
        if (match !== null) names.push({ name: entry.name, match });
      }
    } finally {
      folder.closeSync();
    }
    return names.sort((a, b) => (timeOf(a.match) < timeOf(b.match) ? -1 : 1));
  }

  #service(): string {
    return this.#hash!(this.#identity.service, 8);
  }

  #destination(): string {
    return this.#hash!(this.#identity.destination, 16);
  }
}

/**
 * Tells whether only this user can access a file, and it has no second hard link, through which our work on it would
 * change another file.
 */
export const isSpoolFile = (stats: Stats): boolean => isPrivate(stats) && stats.nlink === 1;

const timeOf = (match: RegExpExecArray): string => match[3]! + match[4]!;
