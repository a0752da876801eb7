import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, open, statfs, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HEALTHY } from "../../health/check.ts";
import { errorType } from "../../runtime/error-type.ts";
import { ownerId } from "../../runtime/process-identity.ts";
import type { Verdict } from "../../health/check.ts";

/** Bytes of the filesystem that contains a file. */
export interface Filesystem {
  /** Bytes available to this process. */
  readonly free: number;
  readonly size: number;
}

export async function filesystemOf(file: string): Promise<Filesystem> {
  const { bavail, blocks, bsize } = await statfs(dirname(file));
  return { free: bavail * bsize, size: blocks * bsize };
}

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Checks the free space on the filesystem of a file. */
export async function spaceBeside(file: string, limits: { degraded: number; critical: number }): Promise<Verdict> {
  let free;
  try {
    ({ free } = await filesystemOf(file));
  } catch (error) {
    return { state: "critical", message: `no access to its folder (${errorType(error)})` };
  }
  const message = `${megabytes(free)} are free`;
  if (free < limits.critical) return { state: "critical", message };
  return free < limits.degraded ? { state: "degraded", message } : { state: "healthy", message };
}

/** Checks whether a file, and others beside it, may be written according to the operating system; no file is opened. */
export async function isWritable(file: string): Promise<Verdict & { readonly failure?: string }> {
  try {
    await Promise.all([access(dirname(file), constants.W_OK), access(file, constants.W_OK)]);
    return HEALTHY;
  } catch (error) {
    const failure = errorType(error);
    return { state: "unhealthy", message: `may not be written (${failure})`, failure };
  }
}

const PROBE_BYTES = 4096;

/** Writes a file of ours to a folder, syncs it and reads it back. */
export async function writeAndRead(folder: string): Promise<Verdict> {
  const path = join(folder, `.stratascope-${ownerId()}`);
  const written = randomBytes(PROBE_BYTES);
  try {
    const file = await open(path, "wx+", 0o600);
    try {
      await file.write(written, 0, PROBE_BYTES, 0);
      await file.datasync();
      const { buffer } = await file.read(Buffer.alloc(PROBE_BYTES), 0, PROBE_BYTES, 0);
      return buffer.equals(written) ? HEALTHY : { state: "critical", message: "what was written is not what is read" };
    } finally {
      await file.close();
      await unlink(path);
    }
  } catch (error) {
    const failure = errorType(error);
    const state = failure === "ENOSPC" || failure === "EIO" ? "critical" : "unhealthy";
    return { state, message: `a file cannot be written (${failure})` };
  }
}
