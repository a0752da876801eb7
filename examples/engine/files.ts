/** Files of a database, such as 000042.table, and functions that make them durable. */
import { copyFile, link, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { TidepoolError, unseal } from "./entry.ts";

/** A file that is written once and read from then on. */
export interface DataFile {
  readonly id: number;
  readonly path: string;
  readonly size: number;
}

export const filePath = (folder: string, id: number, type: "table" | "values" | "wal"): string =>
  join(folder, `${String(id).padStart(6, "0")}.${type}`);

export async function findFile(path: string, id: number): Promise<DataFile> {
  return { id, path, size: (await stat(path)).size };
}

/** Reads the payload of a frame. The file is open for the read only, so that a failure leaves nothing open. */
export async function readFrame({ path }: DataFile, offset: number, length: number): Promise<Buffer> {
  const handle = await open(path);
  const reading = handle.read(Buffer.allocUnsafe(length), 0, length, offset);
  const { buffer, bytesRead } = await reading.finally(() => handle.close());
  const payload = unseal(buffer.subarray(0, bytesRead));
  if (payload === undefined) throw new TidepoolError("CORRUPT", `${path} is damaged at ${offset}`);
  return payload;
}

export async function writeDurably(path: string, data: Buffer | string): Promise<void> {
  const handle = await open(path, "w");
  try {
    await handle.writeFile(data);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

/** Makes the names in a folder durable. Windows has no call for it. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder);
  await handle.sync().finally(() => handle.close());
}

/** Links a file that is never written again, or copies it if a link is not possible. */
export const share = (from: string, to: string): Promise<void> => link(from, to).catch(() => copyFile(from, to));
