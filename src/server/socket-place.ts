import { lstatSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { makeFolder } from "../runtime/make-folder.ts";

/**
 * Location of the private sockets of a user's processes. This module has no state, as the command line tool has a copy
 * of it.
 */

const IS_WINDOWS = process.platform === "win32";

/** Returns the current user of this process, which can change after the start. */
const user = (): number | undefined => process.getuid?.();

/** Prefix of the names of our pipes on Windows, where they are in no folder of the user. */
const PIPES = String.raw`\\.\pipe` + "\\";

/** Maximum bytes of a socket path that every system allows: 104 on macOS, with the terminating one. */
const MAX_PATH_BYTES = 103;

/** Name of a socket. A second number marks a process with the same pid in another container. */
const NAME = IS_WINDOWS ? /^stratascope-(\d{1,10})(?:-\d)?$/ : /^(\d{1,10})(?:-\d)?\.sock$/;

/**
 * Returns the folder of the sockets.
 * @param chosen folder that the user chose; empty for a private folder among the temporary files
 */
export const socketFolder = (chosen: string): string =>
  IS_WINDOWS ? PIPES : resolve(chosen || join(tmpdir(), `stratascope-admin-${user() ?? userInfo().username}`));

/**
 * Returns the path of a socket.
 * @param copy 0, or a higher number if that socket exists already
 */
export function socketPath(folder: string, pid: number, copy: number): string {
  const name = copy === 0 ? String(pid) : `${pid}-${copy}`;
  if (IS_WINDOWS) return `${folder}stratascope-${name}`;
  const path = join(folder, `${name}.sock`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new Error(`${path} is longer than a socket's path may be`);
  return path;
}

/** Returns the pid in the name of a socket; undefined for other files. */
export function processOf(name: string): number | undefined {
  const [, pid] = NAME.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** Creates the folder if it is missing. Throws if other users can access it. */
export function createFolder(folder: string): void {
  if (IS_WINDOWS) return;
  makeFolder(folder);
  checkFolder(folder, user());
}

/**
 * Checks the permissions of the folder.
 * @param owner undefined for any
 * @throws Error if other users can access the folder, or if it is a link
 */
export function checkFolder(folder: string, owner: number | undefined): void {
  if (IS_WINDOWS) return;
  const stats = lstatSync(folder);
  const isOwn = owner === undefined || stats.uid === owner;
  if (!stats.isDirectory() || !isOwn || (stats.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder of this user's alone`);
}
