/** Sorted table: blocks of entries, an index of the blocks, and where the index is. */
import { decode, encode, seal, sizeOf, type Entry } from "./entry.ts";
import { filePath, findFile, readFrame, writeDurably, type DataFile } from "./files.ts";

const BLOCK_BYTES = 4096;
/** The frame of a number with ten digits. */
const TRAILER_BYTES = 18;

interface Block {
  readonly first: string;
  readonly offset: number;
  readonly length: number;
}

export class Table {
  readonly file: DataFile;
  readonly last: string;
  /** Ids of the value files it points to. */
  readonly values: readonly number[];
  readonly #blocks: readonly Block[];

  private constructor(file: DataFile, index: Pick<Table, "last" | "values"> & { blocks: readonly Block[] }) {
    this.file = file;
    this.last = index.last;
    this.values = index.values;
    this.#blocks = index.blocks;
  }

  get first(): string {
    return this.#blocks[0]!.first;
  }

  static async open(folder: string, id: number): Promise<Table> {
    const file = await findFile(filePath(folder, id, "table"), id);
    const end = file.size - TRAILER_BYTES;
    const start = Number(await readFrame(file, end, TRAILER_BYTES));
    return new Table(file, JSON.parse((await readFrame(file, start, end - start)).toString()));
  }

  /** Writes sorted entries. The versions of a key share a block. */
  static async write(folder: string, id: number, entries: readonly Entry[]): Promise<Table> {
    const frames: Buffer[] = [];
    const blocks: Block[] = [];
    let offset = 0;
    for (let start = 0, end = 0, bytes = 0; start < entries.length; start = end, bytes = 0) {
      for (; bytes < BLOCK_BYTES || entries[end]?.key === entries[end - 1]!.key; end++) {
        if (end === entries.length) break;
        bytes += sizeOf(entries[end]!);
      }
      const frame = encode(entries.slice(start, end));
      blocks.push({ first: entries[start]!.key, offset, length: frame.length });
      frames.push(frame);
      offset += frame.length;
    }
    const values = new Set(entries.flatMap(({ value }) => (value && "file" in value ? value.file : [])));
    const index = { blocks, last: entries.at(-1)!.key, values: Array.from(values) };
    frames.push(seal(Buffer.from(JSON.stringify(index))), seal(Buffer.from(String(offset).padStart(10))));
    await writeDurably(filePath(folder, id, "table"), Buffer.concat(frames));
    return Table.open(folder, id);
  }

  overlaps(first: string, last: string): boolean {
    return this.first <= last && first <= this.last;
  }

  async find(key: string, sequence: number): Promise<Entry | undefined> {
    if (!this.overlaps(key, key)) return undefined;
    const { offset, length } = this.#blocks[this.#blockOf(key)]!;
    const entries = decode(await readFrame(this.file, offset, length));
    return entries.find((entry) => entry.key === key && entry.sequence <= sequence);
  }

  async *entries(prefix = ""): AsyncGenerator<Entry> {
    for (const { offset, length } of this.#blocks.slice(this.#blockOf(prefix))) {
      for (const entry of decode(await readFrame(this.file, offset, length))) {
        if (entry.key.startsWith(prefix)) yield entry;
        else if (entry.key > prefix) return;
      }
    }
  }

  /** @returns the index of the block where a key is, if it is in the table */
  #blockOf(key: string): number {
    let [low, high] = [0, this.#blocks.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#blocks[middle]!.first <= key) low = middle;
      else high = middle;
    }
    return low;
  }
}
