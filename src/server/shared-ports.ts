import { existsSync, readlinkSync, renameSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/index.ts";
import { guard } from "./guard.ts";
import { readPrivate, removeFile } from "../runtime/private-file.ts";
import { checkFolder, createFolder, socketFolder } from "./socket-place.ts";

/** Maximum milliseconds that a process waits for another to leave a port, and milliseconds between two checks. */
const MAX_WAIT_MS = 500;
const LOOK_MS = 2;

/** Maximum digits of a pid. */
const MAX_PID_DIGITS = 10;

/** Folder in which the processes of this user mark the ports of their listeners; undefined if they do not. */
let folder: string | undefined;

/** Marker files of this process. */
const marked = new Set<string>();

/**
 * Shares the ports of listeners across the processes of this user: a listener leaves its port also to the application
 * in another process, above all in a child process.
 */
export function sharePorts({ adminSocket, adminFolder }: Config): void {
  const hasFolder = adminSocket !== "off" && process.platform !== "win32";
  folder = hasFolder ? socketFolder(adminFolder) : undefined;
}

/**
 * Returns the marker file of a port, which contains the pid of its listener. Containers can share a folder, but not the
 * ports.
 */
const markerOf = (port: number): string => join(folder!, `port-${port}-${networkOf()}`);

/** Returns the path to which another process renames a marker file when it requests the port. */
const wantedOf = (marker: string): string => `${marker}-wanted`;

function networkOf(): string {
  try {
    return readlinkSync("/proc/self/ns/net").replace(/\D/g, "");
  } catch {
    return "";
  }
}

/**
 * Marks a port that this process listens on.
 * @param leave called when another process requests the port
 * @returns a function that removes the mark, after the port was left
 */
export function markPort(port: number, leave: () => void): () => void {
  if (folder === undefined) return () => {};
  const marker = markerOf(port);
  try {
    createFolder(folder);
    // A file of its own: what is at the path can be a pipe, which would block, or a link.
    for (const file of [marker, wantedOf(marker)]) removeFile(file);
    writeFileSync(marker, String(process.pid), { mode: 0o600, flag: "wx" });
    marked.add(marker);
    const look = guard.callback(() => {
      if (existsSync(wantedOf(marker))) leave();
    });
    const watcher = watch(folder, { persistent: false }, look);
    const close = guard.callback(() => {
      watcher.close();
      remove(marker);
    });
    watcher.on("error", close);
    return close;
  } catch {
    // The folder belongs to another user, or the limit of watched files is reached: other processes cannot claim the
    // port.
    remove(marker);
    return () => {};
  }
}

/** Removes the marker files of this process at its end. Never throws. */
export function removeMarks(): void {
  for (const marker of marked) remove(marker);
}

function remove(marker: string): void {
  marked.delete(marker);
  for (const file of [marker, wantedOf(marker)]) {
    try {
      if (ownerOf(file) === process.pid) removeFile(file);
    } catch {
      // The file is gone.
    }
  }
}

/** Returns the pid in a marker file. Throws if it is not a file of this user's alone: another one can be a pipe, which would block. */
const ownerOf = (marker: string): number => Number(readPrivate(marker, MAX_PID_DIGITS).toString("latin1"));

/**
 * Requests a port from the listener of another process, and waits until it has left: when this returns, the application
 * can listen there.
 */
export function claimPort(port: number): void {
  if (folder === undefined) return;
  const marker = markerOf(port);
  try {
    checkFolder(folder, process.getuid?.());
    if (ownerOf(marker) === process.pid) return;
    process.kill(ownerOf(marker), 0);
    renameSync(marker, wantedOf(marker));
  } catch {
    // There is no marker file, as nearly always, or it is a leftover.
    return;
  }
  const clock = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let waited = 0; waited < MAX_WAIT_MS && existsSync(wantedOf(marker)); waited += LOOK_MS)
    Atomics.wait(clock, 0, 0, LOOK_MS);
}
