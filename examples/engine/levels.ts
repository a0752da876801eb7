/** The files of a database on disk: the manifest that lists them, and the flushes and compactions that replace them. */
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { seal, sizeOf, TidepoolError, type Entry } from "./entry.ts";
import { filePath, findFile, share, syncFolder, writeDurably, type DataFile } from "./files.ts";
import { SerialQueue } from "./serial-queue.ts";
import type { Memtable } from "./memtable.ts";
import { merge, readable } from "./merge.ts";
import type { Options } from "./options.ts";
import { Table } from "./table.ts";
import { Version, type Compaction } from "./version.ts";

const MANIFEST = "MANIFEST";
const NEW: Manifest = { nextFile: 1, sequence: 0, firstWal: 0, levels: [] };

const idOf = (name: string): number => Number.parseInt(name, 10);

interface Manifest {
  readonly nextFile: number;
  /** Sequence number that no entry in the tables exceeds. */
  readonly sequence: number;
  /** Logs before this one are in the tables. */
  readonly firstWal: number;
  readonly levels: readonly (readonly number[])[];
}

/** Files that a flush or a compaction wrote. */
export interface Output {
  readonly tables: readonly Table[];
  readonly values: readonly DataFile[];
}

export class Levels {
  readonly #folder: string;
  readonly #options: Options;
  readonly #edits = new SerialQueue();
  /** Number of reads of each version that is in use; the current one counts as read. */
  readonly #pins = new Map<Version, number>();
  current = new Version([], []);
  manifest = NEW;
  nextFile = 1;

  constructor(folder: string, options: Options) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Opens the files in the manifest, and removes all others. @returns ids of the logs to replay, from the oldest on */
  async open(): Promise<number[]> {
    const names = (await readdir(this.#folder)).filter((name) => /^\d+\.|^MANIFEST$/.test(name)).sort();
    if (names.includes(MANIFEST)) this.manifest = JSON.parse(await readFile(join(this.#folder, MANIFEST), "utf8"));
    else if (names.some((name) => name.endsWith(".table"))) throw new TidepoolError("CORRUPT", "there is no manifest");
    else await this.#save(NEW);
    const tables = this.manifest.levels.map((ids) => Promise.all(ids.map((id) => Table.open(this.#folder, id))));
    const levels = await Promise.all(tables);
    const ids = new Set(levels.flat().flatMap(({ values }) => values));
    const values = Array.from(ids, (id) => findFile(filePath(this.#folder, id, "values"), id));
    this.#switchTo(new Version(levels, await Promise.all(values)));
    const used = new Set([MANIFEST, ...this.current.files.map(({ path }) => basename(path))]);
    const logs = names.filter((name) => name.endsWith(".wal") && idOf(name) >= this.manifest.firstWal);
    const dead = names.filter((name) => !used.has(name) && !logs.includes(name));
    await Promise.all(dead.map((name) => rm(join(this.#folder, name))));
    this.nextFile = Math.max(this.manifest.nextFile, ...names.map((name) => (idOf(name) || 0) + 1));
    return logs.map(idOf);
  }

  pin(): Version {
    this.#pins.set(this.current, this.#pins.get(this.current)! + 1);
    return this.current;
  }

  /** Ends a read, and removes the files that no version in use has. */
  async unpin(version: Version): Promise<void> {
    const pins = this.#pins.get(version)! - 1;
    this.#pins.set(version, pins);
    if (pins > 0) return;
    this.#pins.delete(version);
    const used = new Set(Array.from(this.#pins.keys()).flatMap(({ files }) => files));
    await Promise.all(version.files.filter((file) => !used.has(file)).map(({ path }) => rm(path)));
  }

  async using<T>(read: (version: Version) => Promise<T>): Promise<T> {
    const version = this.pin();
    return read(version).finally(() => this.unpin(version));
  }

  /** Writes a memtable to level 0. */
  async flush(memtable: Memtable, snapshots: readonly number[], logged: Partial<Manifest>): Promise<Output> {
    const entries = readable(merge([memtable.entries()]), snapshots, () => false);
    const output = await this.#write(entries, Infinity);
    return this.#install({ target: 0, inputs: [] }, output, logged);
  }

  async compact(compaction: Compaction, snapshots: readonly number[]): Promise<Output> {
    const { current } = this;
    const isBottom = (key: string): boolean => current.isBottom(key, compaction.target);
    const entries = merge(compaction.inputs.map((table) => table.entries()));
    const output = await this.#write(readable(entries, snapshots, isBottom), this.#options.tableBytes);
    return this.#install(compaction, output, {});
  }

  /** Makes a database of its own in another folder, which appears when it is complete. */
  async checkpoint(folder: string): Promise<void> {
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true });
    await this.#edits.run(() => this.using((version) => this.#copyTo(partial, version)));
    await syncFolder(partial);
    await rename(partial, folder);
    await syncFolder(dirname(folder));
  }

  close(): Promise<void> {
    return this.#edits.idle();
  }

  async #copyTo(folder: string, version: Version): Promise<void> {
    await Promise.all(version.files.map(({ path }) => share(path, join(folder, basename(path)))));
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".wal")).sort();
    for (const name of names.filter((name) => idOf(name) >= this.manifest.firstWal))
      await writeDurably(join(folder, name), await readFile(join(this.#folder, name)));
    await writeDurably(join(folder, MANIFEST), JSON.stringify(this.manifest));
  }

  /** Writes entries to tables, and large values to a value file beside them. A key is in one table only. */
  async #write(entries: AsyncIterable<Entry>, tableBytes: number): Promise<Output> {
    const tables: Table[] = [];
    const frames: Buffer[] = [];
    const file = this.nextFile++;
    let [batch, bytes, offset]: [Entry[], number, number] = [[], 0, 0];
    const endTable = async (): Promise<void> => {
      if (batch.length > 0) tables.push(await Table.write(this.#folder, this.nextFile++, batch));
      [batch, bytes] = [[], 0];
    };
    for await (const entry of entries) {
      if (bytes >= tableBytes && entry.key !== batch.at(-1)!.key) await endTable();
      const { key, sequence, value } = entry;
      if (Buffer.isBuffer(value) && value.length >= this.#options.valueBytes) {
        const frame = seal(value);
        batch.push({ key, sequence, value: { file, offset, length: frame.length } });
        frames.push(frame);
        offset += frame.length;
      } else batch.push(entry);
      bytes += sizeOf(batch.at(-1)!);
    }
    const path = filePath(this.#folder, file, "values");
    if (offset > 0) await writeDurably(path, Buffer.concat(frames));
    await endTable();
    return { tables, values: offset > 0 ? [await findFile(path, file)] : [] };
  }

  /** Replaces tables, first in the manifest, then for reads. @returns the output */
  #install(of: Omit<Compaction, "reason" | "added">, output: Output, logged: Partial<Manifest>): Promise<Output> {
    return this.#edits.run(async () => {
      const previous = this.current;
      const levels = previous.levels.map((tables) => tables.filter((table) => !of.inputs.includes(table)));
      levels[of.target]!.unshift(...output.tables);
      for (const tables of levels.slice(1)) tables.sort((a, b) => (a.first < b.first ? -1 : 1));
      const used = new Set(levels.flat().flatMap(({ values }) => values));
      const values = [...previous.values, ...output.values].filter(({ id }) => used.has(id));
      const ids = levels.map((tables) => tables.map(({ file }) => file.id));
      await this.#save({ ...this.manifest, ...logged, nextFile: this.nextFile, levels: ids });
      this.#switchTo(new Version(levels, values));
      await this.unpin(previous);
      return output;
    });
  }

  #switchTo(version: Version): void {
    this.current = version;
    this.#pins.set(version, 1);
  }

  async #save(manifest: Manifest): Promise<void> {
    const path = join(this.#folder, MANIFEST);
    await writeDurably(`${path}.new`, JSON.stringify(manifest));
    await rename(`${path}.new`, path);
    await syncFolder(this.#folder);
    this.manifest = manifest;
  }
}
