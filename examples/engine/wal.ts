/** Write-ahead log: the batches of one memtable, each complete or absent. */
import { open, readFile, truncate, type FileHandle } from "node:fs/promises";
import { decode, FRAME_BYTES, TidepoolError, unseal, type Entry } from "./entry.ts";

import { filePath, syncFolder } from "./files.ts";

export class Wal {
  readonly id: number;
  readonly path: string;
  size: number;
  readonly #handle: FileHandle;

  private constructor(id: number, path: string, size: number, handle: FileHandle) {
    this.id = id;
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** Opens a log to append to, or a new one. */
  static async open(folder: string, id: number): Promise<Wal> {
    const path = filePath(folder, id, "wal");
    const handle = await open(path, "a");
    await syncFolder(folder);
    return new Wal(id, path, (await handle.stat()).size, handle);
  }

  async append(bytes: Buffer): Promise<void> {
    await this.#handle.appendFile(bytes);
    this.size += bytes.length;
  }

  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  async close(): Promise<void> {
    await this.sync();
    await this.#handle.close();
  }
}

/** Reads the entries of a log that was not closed, and truncates a last batch that was not written to its end. */
export async function replay(path: string, mayBeTorn: boolean): Promise<Entry[]> {
  const bytes = await readFile(path);
  const entries: Entry[] = [];
  let end = 0;
  for (let batch = unseal(bytes); batch !== undefined; batch = unseal(bytes, end)) {
    for (const entry of decode(batch)) entries.push(entry);
    end += FRAME_BYTES + batch.length;
  }
  if (end === bytes.length) return entries;
  const isLast = end + FRAME_BYTES >= bytes.length || end + FRAME_BYTES + bytes.readUInt32BE(end + 4) >= bytes.length;
  if (!mayBeTorn || !isLast) throw new TidepoolError("CORRUPT", `${path} is damaged at ${end}`);
  await truncate(path, end);
  return entries;
}
