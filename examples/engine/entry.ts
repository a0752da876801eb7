/** Entries, the versions of a key, and the frames with a checksum in which every file stores them. */
import { crc32 } from "node:zlib";

/** Place of a large value in a value file. */
export interface Pointer {
  readonly file: number;
  readonly offset: number;
  readonly length: number;
}

/** Value of a key as of a sequence number; undefined if the key was deleted. */
export interface Entry {
  readonly key: string;
  readonly sequence: number;
  readonly value: Buffer | Pointer | undefined;
}

export class TidepoolError extends Error {
  readonly code: "CLOSED" | "CONFLICT" | "CORRUPT";

  constructor(code: TidepoolError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** Orders entries by key, the newest version of a key first. */
export const compare = (a: Entry, b: Entry): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : b.sequence - a.sequence;

/** Returns the approximate bytes of an entry in memory. */
export const sizeOf = ({ key, value }: Entry): number => 8 + key.length + (Buffer.isBuffer(value) ? value.length : 0);

/** Encodes entries as JSON, with pointers as objects and bytes as strings. */
export function encode(entries: readonly Entry[]): Buffer {
  const rows = entries.map(({ key, sequence, value }) => [
    key,
    sequence,
    Buffer.isBuffer(value) ? value.toString("base64") : value,
  ]);
  return seal(Buffer.from(JSON.stringify(rows)));
}

export function decode(payload: Buffer): Entry[] {
  const rows = JSON.parse(payload.toString()) as [key: string, sequence: number, value: string | Pointer | null][];
  return rows.map(([key, sequence, value]) => ({
    key,
    sequence,
    value: typeof value === "string" ? Buffer.from(value, "base64") : (value ?? undefined),
  }));
}

export const FRAME_BYTES = 8;

/** Puts checksum and length before a payload. */
export function seal(payload: Buffer): Buffer {
  const header = Buffer.allocUnsafe(FRAME_BYTES);
  header.writeUInt32BE(crc32(payload), 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

/** @returns the payload of the frame at an offset, or undefined if it is incomplete or damaged */
export function unseal(buffer: Buffer, offset = 0): Buffer | undefined {
  const start = offset + FRAME_BYTES;
  if (start >= buffer.length) return undefined;
  const payload = buffer.subarray(start, start + buffer.readUInt32BE(offset + 4));
  return payload.length > 0 && crc32(payload) === buffer.readUInt32BE(offset) ? payload : undefined;
}
