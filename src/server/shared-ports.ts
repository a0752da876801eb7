import { existsSync, readFileSync, readlinkSync, renameSync, rmSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/index.ts";
import { Guard } from "../runtime/guard.ts";
import { checkFolder, createFolder, socketFolder } from "./socket-place.ts";

const guard = new Guard("listener");

/** Milliseconds a process waits for another to leave a port, at most and between two looks. */
const MAX_WAIT_MS = 500;
const LOOK_MS = 2;

/** Where the processes of this user mark the ports of their listeners; undefined where they do not. */
let folder: string | undefined;

/** The marks of this process. */
const marked = new Set<string>();

/** Has ports of listeners left to the application in other processes of this user as well, children above all. */
export function sharePorts({ adminSocket, adminFolder }: Config): void {
  const hasFolder = adminSocket !== "off" && process.platform !== "win32";
  folder = hasFolder ? socketFolder(adminFolder) : undefined;
}

/** The file that says which process listens on a port. Containers can share a folder, not the ports. */
const markerOf = (port: number): string => join(folder!, `port-${port}-${networkOf()}`);

/** The same file, once another process wants the port. */
const wantedOf = (marker: string): string => `${marker}-wanted`;

function networkOf(): string {
  try {
    return readlinkSync("/proc/self/ns/net").replace(/\D/g, "");
  } catch {
    return "";
  }
}

/**
 * Marks a port this process listens on.
 * @param leave is called when another process wants it
 * @returns takes the mark away: the port is left
 */
export function markPort(port: number, leave: () => void): () => void {
  if (folder === undefined) return () => {};
  const marker = markerOf(port);
  try {
    createFolder(folder);
    rmSync(wantedOf(marker), { force: true });
    writeFileSync(marker, String(process.pid), { mode: 0o600 });
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
    // A folder of another user, or nothing more can be watched: the port is kept from other processes.
    remove(marker);
    return () => {};
  }
}

/** Takes the marks of this process away at its end. Never throws. */
export function removeMarks(): void {
  for (const marker of marked) remove(marker);
}

function remove(marker: string): void {
  marked.delete(marker);
  for (const file of [marker, wantedOf(marker)]) {
    try {
      if (ownerOf(file) === process.pid) rmSync(file);
    } catch {
      // It is gone.
    }
  }
}

const ownerOf = (marker: string): number => Number(readFileSync(marker, "latin1").slice(0, 10));

/** Has another process leave a port of its listener, and waits until it has: when this returns, the application can listen there. */
export function claimPort(port: number): void {
  if (folder === undefined) return;
  const marker = markerOf(port);
  try {
    checkFolder(folder, process.getuid?.());
    if (ownerOf(marker) === process.pid) return;
    process.kill(ownerOf(marker), 0);
    renameSync(marker, wantedOf(marker));
  } catch {
    // There is none, as nearly always, or it was left behind.
    return;
  }
  const clock = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let waited = 0; waited < MAX_WAIT_MS && existsSync(wantedOf(marker)); waited += LOOK_MS)
    Atomics.wait(clock, 0, 0, LOOK_MS);
}
