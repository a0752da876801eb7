/** Tables and value files at one point in time. A version never changes; a flush or compaction creates the next. */
import { type Entry } from "./entry.ts";
import { readFrame, type DataFile } from "./files.ts";
import type { Options } from "./options.ts";
import type { Table } from "./table.ts";

const LEVELS = 5;
const LEVEL_RATIO = 10;

export interface Compaction {
  readonly reason: "level_0_files" | "level_size" | "manual";
  readonly target: number;
  readonly inputs: readonly Table[];
  /** Those of the inputs that are not in the target level yet. */
  readonly added: readonly Table[];
}

export class Version {
  /** Level 0 from the newest table to the oldest, the others by key. */
  readonly levels: readonly (readonly Table[])[];
  readonly values: readonly DataFile[];

  constructor(levels: readonly (readonly Table[])[], values: readonly DataFile[]) {
    this.levels = Array.from({ length: LEVELS }, (_, level) => levels[level] ?? []);
    this.values = values;
  }

  get tables(): Table[] {
    return this.levels.flat();
  }

  get files(): DataFile[] {
    return [...this.tables.map(({ file }) => file), ...this.values];
  }

  async find(key: string, sequence: number): Promise<Entry | undefined> {
    for (const table of this.tables) {
      const entry = await table.find(key, sequence);
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  /** @returns bytes of the caller's own, or undefined for a deletion */
  async valueOf(entry: Entry | undefined): Promise<Buffer | undefined> {
    const value = entry?.value;
    if (value === undefined || Buffer.isBuffer(value)) return value && Buffer.from(value);
    return readFrame(
      this.values.find(({ id }) => id === value.file)!,
      value.offset,
      value.length,
    );
  }

  /** Tells whether the levels below have no version of a key. */
  isBottom(key: string, level: number): boolean {
    return !this.levels.slice(level + 1).some((tables) => tables.some((table) => table.overlaps(key, key)));
  }

  /** Returns the bytes of each level to be compacted: those beyond its limit, in level 0 all if there are too many tables. */
  pending({ level0Files, level1Bytes }: Options): number[] {
    return this.levels.map((tables, level) => {
      if (level === 0) return tables.length < level0Files ? 0 : bytesOf(tables);
      return level === LEVELS - 1 ? 0 : Math.max(0, bytesOf(tables) - level1Bytes * LEVEL_RATIO ** (level - 1));
    });
  }

  nextCompaction(options: Options): Compaction | undefined {
    const level = this.pending(options).findIndex((bytes) => bytes > 0);
    if (level === -1) return undefined;
    const oldest = this.levels[level]!.reduce((a, b) => (a.file.id < b.file.id ? a : b));
    const chosen = level === 0 ? this.levels[0]! : [oldest];
    const below = this.levels[level + 1]!;
    const first = chosen.map((table) => table.first).sort()[0]!;
    const last = chosen
      .map((table) => table.last)
      .sort()
      .at(-1)!;
    const inputs = [...chosen, ...below.filter((table) => table.overlaps(first, last))];
    return { reason: level === 0 ? "level_0_files" : "level_size", target: level + 1, inputs, added: chosen };
  }

  /** Compacts everything into the lowest level that has a table. */
  fullCompaction(): Compaction {
    const lowest = this.levels.findLastIndex((tables) => tables.length > 0);
    const target = Math.max(1, lowest);
    return { reason: "manual", target, inputs: this.tables, added: this.levels.slice(0, target).flat() };
  }
}

export const bytesOf = (tables: readonly Table[]): number => tables.reduce((sum, { file }) => sum + file.size, 0);
