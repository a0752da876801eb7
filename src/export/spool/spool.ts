import { closeSync, fstatSync, futimesSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { log } from "../../runtime/self-log.ts";
import type { Batch } from "../batch.ts";
import { thisOwner } from "../../runtime/process-identity.ts";
import { isPrivate, removeFile, withPrivateFile, type OpenFile } from "../../runtime/private-file.ts";
import { batchesOf, lineBytes, lineOf } from "./spool-file.ts";
import { isSpoolFile, SpoolFolder, type Identity, type SpoolFile } from "./spool-folder.ts";

/** Milliseconds for which it is worth sending what a process left. */
const MAX_STAY_MS = 24 * 3_600_000;

/** Files of a service: each may hold little, as of a process that is started again and again. */
const MAX_FILES = 1_000;

/** Reports what was lost of a file, and why. */
export type Report = (batch: Pick<Batch, "signal" | "items">, reason: "spool_full" | "expired" | "unreadable") => void;

export interface SpoolOptions {
  /** Where the files are; where it is empty, a folder of this user's own. */
  readonly folder: string;
  readonly identity: Identity;
  /** Bytes the files of the service may take together. */
  readonly limit: number;
  readonly report: Report;
}

/** A file that was taken. */
export interface Claim {
  readonly batches: readonly Batch[];
  /** Removes it: nothing of it is needed any more. */
  readonly done: () => void;
}

/**
 * The files in which a process leaves what it could not send, for the next one of the same service. A file belongs to
 * the thread its name ends with, or to whoever renames it first: so none is read in half, nor twice.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #folder: SpoolFolder;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = new SpoolFolder(options.folder, options.identity);
  }

  /** Writes a file for the next start; of what does not fit the oldest is lost. */
  write(batches: readonly Batch[]): void {
    const fitting = this.fit(batches);
    if (fitting.length === 0) return;
    const path = this.#folder.newPath(Date.now());
    const file = this.#create(path);
    try {
      for (const batch of fitting) writeFileSync(file, lineOf(batch));
      renameSync(path, path.slice(0, -thisOwner().length - 1));
    } catch (error) {
      removeFile(path);
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Opens a file for the next start, to which batches are added until the end of the process; so it stays its own. */
  begin(): (batch: Batch) => void {
    const file = this.#create(this.#folder.newPath(Date.now()));
    let left = this.#options.limit;
    return (batch) => {
      left -= lineBytes(batch);
      if (left < 0) this.#options.report(batch, "spool_full");
      else writeFileSync(file, lineOf(batch));
    };
  }

  /** Takes the oldest file that no living thread works on. */
  claim(): Claim | undefined {
    for (const file of this.#folder.files()) {
      if (!file.isOurs) continue;
      const mine = this.#take(file);
      if (mine === undefined) continue;
      const batches = this.#read(mine);
      if (batches.length > 0) return { batches, done: () => removeFile(mine) };
      removeFile(mine);
    }
    return undefined;
  }

  /** Gives up the oldest files, so that there is room for batches; and those that have lain for too long. */
  makeRoom(batches: readonly Batch[]): void {
    const files = this.#folder.files();
    const { limit } = this.#options;
    let total = files.reduce((sum, { bytes }) => sum + bytes, Math.min(limit, totalBytes(batches)));
    let count = files.length + 1;
    for (const { path, bytes, time } of files) {
      const isExpired = Date.now() - time > MAX_STAY_MS;
      if (total <= limit && count <= MAX_FILES && !isExpired) continue;
      for (const batch of this.#read(path)) this.#options.report(batch, "spool_full");
      removeFile(path);
      total -= bytes;
      count--;
    }
  }

  /** Chooses the youngest batches that one file may hold, and reports the others as lost. */
  fit(batches: readonly Batch[]): readonly Batch[] {
    let left = this.#options.limit;
    const fitting: Batch[] = [];
    for (const batch of batches.toReversed()) {
      const bytes = lineBytes(batch);
      if (bytes > left) this.#options.report(batch, "spool_full");
      else {
        left -= bytes;
        fitting.push(batch);
      }
    }
    return fitting.toReversed();
  }

  /** @returns the path it has from now on; nothing where another process was faster */
  #take({ path }: SpoolFile): string | undefined {
    const mine = `${path.slice(0, path.lastIndexOf(".spool"))}.spool.${thisOwner()}`;
    try {
      renameSync(path, mine);
      withPrivateFile(mine, ({ descriptor }) => futimesSync(descriptor, new Date(), new Date()));
      return mine;
    } catch {
      return undefined;
    }
  }

  #create(path: string): number {
    const file = openSync(path, "wx", 0o600);
    try {
      // Not where a link has taken the place of the folder, nor where the system keeps nothing private.
      this.#folder.check();
      if (!isPrivate(fstatSync(file))) throw new Error(`${this.#folder.path} cannot keep a file for this user alone`);
      return file;
    } catch (error) {
      closeSync(file);
      removeFile(path);
      throw error;
    }
  }

  /** Reads what can be used of a file, and reports what cannot. */
  #read(path: string): Batch[] {
    const { report } = this.#options;
    let text: string;
    try {
      text = withPrivateFile(path, (file) => this.#textOf(file));
    } catch (error) {
      log.debug(`${path} is not read: ${String(error)}`);
      // How much was in it is not known.
      report({ signal: "traces", items: 1 }, "unreadable");
      return [];
    }
    const { batches, unreadable } = batchesOf(text);
    // Nor is how much was in a line.
    if (unreadable > 0) report({ signal: "traces", items: unreadable }, "unreadable");
    const oldest = Date.now() - MAX_STAY_MS;
    for (const batch of batches) if (batch.time < oldest) report(batch, "expired");
    return batches.filter(({ time }) => time >= oldest);
  }

  #textOf({ descriptor, stats }: OpenFile): string {
    if (!isSpoolFile(stats) || stats.size > this.#options.limit) throw new Error("it is none of ours, or too long");
    return readFileSync(descriptor, "utf8");
  }
}

const totalBytes = (batches: readonly Batch[]): number => batches.reduce((sum, batch) => sum + lineBytes(batch), 0);
