import { closeSync, fsyncSync, linkSync, lstatSync, openSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readPrivate, removeFile, USER } from "../../runtime/private-file.ts";
import { ownerId } from "../../runtime/process-identity.ts";

const KEY_BYTES = 32;

/** Hashes what identifies a spool file, so that it cannot be found by guessing. */
export type KeyedHash = (text: string, digits: number) => string;

/**
 * Returns a hash function with a secret key of the folder. File names identify their destination, and other users may
 * list the folder: a plain hash of a short token can be reversed.
 * @param isCreating if true, a missing key is created
 */
export function keyedHash(folder: string, isCreating: boolean): KeyedHash | undefined {
  const path = join(folder, `stratascope-${USER ?? "spool"}.key`);
  const key = readKey(path) ?? (isCreating ? createKey(path) : undefined);
  if (key === undefined) return undefined;
  const { createHmac } = process.getBuiltinModule("node:crypto");
  return (text, digits) => createHmac("sha256", key).update(text).digest("hex").slice(0, digits);
}

function readKey(path: string): Buffer | undefined {
  let key: Buffer;
  try {
    key = readPrivate(path, KEY_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  // The key is shorter if the machine stopped before it was on the disk.
  return key.length === KEY_BYTES ? key : undefined;
}

/** Creates the key atomically. If another process has created one at the same time, uses that key. */
function createKey(path: string): Buffer {
  const temporary = `${path}.${ownerId()}`;
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeFileSync(file, process.getBuiltinModule("node:crypto").randomBytes(KEY_BYTES));
    fsyncSync(file);
    const present = lstatSync(path, { throwIfNoEntry: false });
    if (present === undefined || present.size === KEY_BYTES) linkSync(temporary, path);
    else renameSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    closeSync(file);
    removeFile(temporary);
  }
  const key = readKey(path);
  if (key === undefined) throw new Error(`${path} is not a key`);
  return key;
}
