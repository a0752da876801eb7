import { lstatSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { makeFolder } from "../runtime/make-folder.ts";

/** Where the private sockets of a user's processes are. Without state, as the command line tool has a copy of it. */

const IS_WINDOWS = process.platform === "win32";

/** The user of this process at the moment: one that was started by another may have become this one. */
const user = (): number | undefined => process.getuid?.();

/** What the names of our pipes begin with on Windows, where they are in no folder of the user's own. */
const PIPES = String.raw`\\.\pipe` + "\\";

/** Bytes the path of a socket may have on every system: 104 on macOS, with the one that ends it. */
const MAX_PATH_BYTES = 103;

/** A second one is that of a process with the same number in another container. */
const NAME = IS_WINDOWS ? /^stratascope-(\d{1,10})(?:-\d)?$/ : /^(\d{1,10})(?:-\d)?\.sock$/;

/** The folder of the sockets. @param chosen by the user; empty for one of their own among the temporary files */
export const socketFolder = (chosen: string): string =>
  IS_WINDOWS ? PIPES : resolve(chosen || join(tmpdir(), `stratascope-admin-${user() ?? userInfo().username}`));

/** @param copy 0, or more where there is such a socket already */
export function socketPath(folder: string, pid: number, copy: number): string {
  const name = copy === 0 ? String(pid) : `${pid}-${copy}`;
  if (IS_WINDOWS) return `${folder}stratascope-${name}`;
  const path = join(folder, `${name}.sock`);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw new Error(`${path} is longer than a socket's path may be`);
  return path;
}

/** The process a socket belongs to by its name; undefined for what is none of ours. */
export function processOf(name: string): number | undefined {
  const [, pid] = NAME.exec(name) ?? [];
  return pid === undefined ? undefined : Number(pid);
}

/** Creates the folder where it is missing; throws where others can reach it. */
export function createFolder(folder: string): void {
  if (IS_WINDOWS) return;
  makeFolder(folder);
  checkFolder(folder, user());
}

/** @throws Error unless the folder is its owner's alone, and no link. @param owner undefined for any */
export function checkFolder(folder: string, owner: number | undefined): void {
  if (IS_WINDOWS) return;
  const stats = lstatSync(folder);
  const isOwn = owner === undefined || stats.uid === owner;
  if (!stats.isDirectory() || !isOwn || (stats.mode & 0o077) !== 0)
    throw new Error(`${folder} is not a folder of this user's alone`);
}
