import { closeSync, fstatSync, futimesSync, openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { log } from "../../runtime/self-log.ts";
import type { Batch } from "../batch.ts";
import { ownerId } from "../../runtime/process-identity.ts";
import { isPrivate, removeFile, withPrivateFile, type OpenFile } from "../../runtime/private-file.ts";
import { batchesOf, lineBytes, lineOf } from "./spool-file.ts";
import { isSpoolFile, SpoolFolder, type Identity, type SpoolFile } from "./spool-folder.ts";

/** Milliseconds after which the batches of an earlier process expire. */
const MAX_STAY_MS = 24 * 3_600_000;

/** Maximum files of a service. Each may be small, as those of a process that restarts repeatedly. */
const MAX_FILES = 1_000;

/** Reports what was lost of a file, and why. */
export type ReportLoss = (
  batch: Pick<Batch, "signal" | "items">,
  reason: "spool_full" | "expired" | "unreadable",
) => void;

export interface SpoolOptions {
  /** Folder of the files; if empty, a private folder of this user. */
  readonly folder: string;
  readonly identity: Identity;
  /** Maximum bytes of all files of the service. */
  readonly limit: number;
  readonly report: ReportLoss;
}

/** File that was claimed. */
export interface ClaimedFile {
  readonly batches: readonly Batch[];
  /** Removes the file: none of it is needed any more. */
  readonly done: () => void;
}

/**
 * Files in which a process leaves unsent batches for the next process of the same service. A file belongs to the thread
 * at the end of its name, or to the first process that renames it. So no file is read before it is complete, or read
 * twice.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #folder: SpoolFolder;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#folder = new SpoolFolder(options.folder, options.identity);
  }

  /** Writes a file for the next start. If the batches do not fit, the oldest are lost. */
  write(batches: readonly Batch[]): void {
    const fitting = this.fit(batches);
    if (fitting.length === 0) return;
    const path = this.#folder.newPath(Date.now());
    const file = this.#create(path);
    try {
      for (const batch of fitting) writeFileSync(file, lineOf(batch));
      renameSync(path, path.slice(0, -ownerId().length - 1));
    } catch (error) {
      removeFile(path);
      throw error;
    } finally {
      closeSync(file);
    }
  }

  /**
   * Opens a file for the next start, to which batches are added until the process ends. It belongs to this thread until
   * then.
   */
  begin(): (batch: Batch) => void {
    const file = this.#create(this.#folder.newPath(Date.now()));
    let left = this.#options.limit;
    return (batch) => {
      left -= lineBytes(batch);
      if (left < 0) this.#options.report(batch, "spool_full");
      else writeFileSync(file, lineOf(batch));
    };
  }

  /** Claims the oldest file that no living thread works on. */
  claim(): ClaimedFile | undefined {
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

  /** Removes the oldest files to make room for batches, and expired files. */
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

  /** Returns the newest batches that fit into one file, and reports the others as lost. */
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

  /**
   * Claims a file by renaming it.
   * @returns the new path; undefined if another process was faster
   */
  #take({ path }: SpoolFile): string | undefined {
    const mine = `${path.slice(0, path.lastIndexOf(".spool"))}.spool.${ownerId()}`;
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
      // Not if a link has replaced the folder, or the file system does not support permissions.
      this.#folder.check();
      if (!isPrivate(fstatSync(file))) throw new Error(`${this.#folder.path} cannot keep a file for this user alone`);
      return file;
    } catch (error) {
      closeSync(file);
      removeFile(path);
      throw error;
    }
  }

  /** Reads the valid batches of a file, and reports the rest as lost. */
  #read(path: string): Batch[] {
    const { report } = this.#options;
    let text: string;
    try {
      text = withPrivateFile(path, (file) => this.#textOf(file));
    } catch (error) {
      log.debug(`${path} is not read: ${String(error)}`);
      // The number of items in the file is not known.
      report({ signal: "traces", items: 1 }, "unreadable");
      return [];
    }
    const { batches, unreadable } = batchesOf(text);
    // Nor is the number of items in a line.
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
