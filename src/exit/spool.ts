import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { log } from "../log.ts";
import type { Batch } from "../otlp/batch.ts";
import { threadId } from "../thread.ts";
import { digest } from "./digest.ts";
import { isGone, thisOwner } from "./owner.ts";
import { batchesOf, lineOf } from "./spool-file.ts";

/** Milliseconds for which it is worth sending what a process left. */
const LONGEST_STAY = 24 * 3_600_000;

/** Nobody where the system has no numbers for users. */
const USER = process.getuid?.();
const PRIVATE_FOLDER = join(tmpdir(), `stratascope-${USER ?? "spool"}`);

/** What was lost of a file, and why. */
export type Report = (batch: Pick<Batch, "signal" | "items">, reason: "spool_full" | "expired" | "unreadable") => void;

export interface SpoolOptions {
  /** Where the files are; where it is empty, a folder of this user's own. */
  readonly folder: string;
  /** Whose files they are: what is the same for everything that is to be sent in the same name to the same place. */
  readonly identity: string;
  /** Bytes the files may take together. */
  readonly limit: number;
  readonly report: Report;
}

/** A file that was taken. */
export interface Claim {
  readonly batches: readonly Batch[];
  /** To be called when nothing of it is needed any more. */
  readonly done: () => void;
}

interface File {
  readonly path: string;
  readonly size: number;
}

/**
 * The files in which a process leaves what it could not send, for the next one of the same service. A file belongs to
 * the thread its name ends with, or to whoever renames it first: so none is read in half, nor twice.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #folder: string;
  #prefixOnce: string | undefined;
  #written = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = options.folder === "" ? PRIVATE_FOLDER : options.folder;
  }

  /** Writes a file for the next start. */
  write(batches: readonly Batch[]): void {
    const path = this.#create(batches);
    renameSync(path, path.slice(0, -thisOwner().length - 1));
  }

  /** Writes a file for the next start, to which the caller goes on adding until its end; so it stays its own. */
  begin(batch: Batch): (next: Batch) => void {
    const path = this.#create([batch]);
    return (next) => writeFileSync(path, lineOf(next), { flag: "a" });
  }

  /** Takes the oldest file that nobody works on. */
  claim(): Claim | undefined {
    for (const { path } of this.#files()) {
      const mine = `${path.replace(/\.spool.*$/, ".spool")}.${thisOwner()}`;
      try {
        renameSync(path, mine);
        utimesSync(mine, new Date(), new Date());
      } catch {
        // Somebody else was faster.
        continue;
      }
      const batches = this.#read(mine);
      if (batches.length > 0) return { batches, done: () => remove(mine) };
      remove(mine);
    }
    return undefined;
  }

  /** Gives up the oldest files, so that there is room for as many bytes. */
  makeRoom(bytes: number): void {
    const files = this.#files();
    let total = files.reduce((sum, { size }) => sum + size, bytes);
    for (const { path, size } of files) {
      if (total <= this.#options.limit) return;
      for (const batch of this.#read(path)) this.#options.report(batch, "spool_full");
      remove(path);
      total -= size;
    }
  }

  /** What the names of this service's files begin with. Most processes need it never, as there are none. */
  get #prefix(): string {
    return (this.#prefixOnce ??= `stratascope-${digest(this.#options.identity, 16)}-`);
  }

  #create(batches: readonly Batch[]): string {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#check();
    const time = Date.now().toString(36).padStart(9, "0");
    const name = `${this.#prefix}${time}-${process.pid}-${threadId()}-${this.#written++}.spool.${thisOwner()}`;
    const path = join(this.#folder, name);
    const file = openSync(path, "wx", 0o600);
    try {
      for (const batch of batches) writeFileSync(file, lineOf(batch));
    } catch (error) {
      remove(path);
      throw error;
    } finally {
      closeSync(file);
    }
    return path;
  }

  /** Those of this service that nobody works on, the oldest first: the time is in the name. */
  #files(): File[] {
    if (!existsSync(this.#folder)) return [];
    this.#check();
    const names = readdirSync(this.#folder).sort();
    if (names.length === 0) return [];
    const ours = new RegExp(`^${this.#prefix}[\\w-]+\\.spool(?:\\.([\\w-]+))?$`);
    return names.flatMap((name) => {
      const match = ours.exec(name);
      if (match === null) return [];
      const path = join(this.#folder, name);
      const stat = statSync(path, { throwIfNoEntry: false });
      if (stat === undefined) return [];
      const [, owner] = match;
      const isFree = owner === undefined || isGone(owner, Date.now() - stat.mtimeMs);
      return isFree ? [{ path, size: stat.size }] : [];
    });
  }

  /** Among the temporary files other users can have made the folder; one the application chose is its own concern. */
  #check(): void {
    if (this.#options.folder !== "") return;
    const stat = lstatSync(this.#folder);
    const isPrivate = stat.isDirectory() && (USER === undefined || (stat.uid === USER && (stat.mode & 0o077) === 0));
    if (!isPrivate) throw new Error(`${this.#folder} is not a folder of this user's alone`);
  }

  /** What can be used of a file; what cannot is reported. */
  #read(path: string): Batch[] {
    const { report, limit } = this.#options;
    let text: string;
    try {
      text = readOwn(path, limit);
    } catch (error) {
      log.debug(`${path} is not read: ${String(error)}`);
      return [];
    }
    const { batches, unreadable } = batchesOf(text);
    // How much was in a line that cannot be read, nobody knows.
    if (unreadable > 0) report({ signal: "traces", items: unreadable }, "unreadable");
    const oldest = Date.now() - LONGEST_STAY;
    for (const batch of batches) if (batch.time < oldest) report(batch, "expired");
    return batches.filter(({ time }) => time >= oldest);
  }
}

/** The text of a file that this user wrote. */
function readOwn(path: string, limit: number): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > 2 * limit || (USER !== undefined && stat.uid !== USER))
      throw new Error("it is none of ours");
    return readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or cannot be removed; neither is of concern to the application.
  }
}
