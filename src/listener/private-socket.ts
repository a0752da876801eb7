import { chmodSync, lstatSync, readdirSync, unlinkSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { Guard } from "../guard.ts";
import { log } from "../log.ts";
import { quietServer } from "../metrics/endpoint.ts";
import { ownStream } from "../own-stream.ts";
import { mayListen, NO_NETWORK } from "../permission.ts";
import { Connections } from "./connections.ts";
import { createFolder, processOf, socketFolder, socketPath } from "./socket-place.ts";

const guard = new Guard("private socket");

/** Milliseconds between two looks whether the process is one that stays. */
const LOOK_MS = 500;

/** Processes with one number, in containers that share a folder. */
const MAX_COPIES = 9;

/** Files of a folder that are looked at, and milliseconds from which a socket that does not answer is a leftover. */
const MAX_LEFTOVERS = 100;
const MIN_AGE_MS = 10_000;

const IS_FILE = process.platform !== "win32";

/** The file of this process's socket, while there is one. */
let ours: string | undefined;

/** Removes the socket of this process at its end. Never throws. */
export function removeSocket(): void {
  if (ours !== undefined) remove(ours);
  ours = undefined;
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It is gone, or cannot be removed; neither is of concern to the application.
  }
}

/** Serves what is for the user of this process alone, on a socket with the permissions of the user. */
export class PrivateSocket {
  readonly #server: Server = quietServer();
  readonly #connections: Connections;
  /** The process can be in another folder, and of another user, by the time it listens. */
  readonly #chosen: string;
  #folder = "";
  readonly #timer: NodeJS.Timeout;
  #copy = 0;

  /**
   * @param folder empty for one of the user's own among the temporary files
   * @param isReady whether the process is one that stays
   */
  constructor(answer: RequestListener, folder: string, isReady: () => boolean) {
    this.#chosen = folder === "" ? "" : resolve(folder);
    this.#connections = new Connections(this.#server, answer);
    this.#server.on(
      "listening",
      guard.callback(() => this.#listens()),
    );
    this.#server.on(
      "error",
      guard.callback((error: NodeJS.ErrnoException) => this.#failed(error)),
    );
    const look = guard.callback(() => {
      if (!isReady()) return;
      clearInterval(this.#timer);
      this.#listen();
    });
    this.#timer = setInterval(look, LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#server.listening) this.#server.close();
    this.#connections.closeAll();
    ours = undefined;
  }

  #listen(): void {
    try {
      if (!mayListen()) throw new Error(NO_NETWORK);
      this.#folder = socketFolder(this.#chosen);
      createFolder(this.#folder);
      const path = socketPath(this.#folder, process.pid, this.#copy);
      this.#server.listen({ path, exclusive: true });
    } catch (error) {
      unavailable(error);
    }
  }

  #listens(): void {
    const path = this.#server.address() as string;
    log.debug(`diagnostics on ${path}`);
    if (!IS_FILE) return;
    chmodSync(path, 0o600);
    ours = path;
    for (const name of readdirSync(this.#folder).slice(0, MAX_LEFTOVERS)) {
      const other = join(this.#folder, name);
      if (processOf(name) !== undefined && other !== path) removeLeftover(other, MIN_AGE_MS);
    }
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.syscall === "accept") return log.debug(`a connection could not be accepted: ${error.message}`);
    if (error.code !== "EADDRINUSE" || this.#copy >= MAX_COPIES) return unavailable(error);
    // That of a process before with this number, or of one that has it in another container.
    removeLeftover(socketPath(this.#folder, process.pid, this.#copy), 0, (isRemoved) => {
      if (!isRemoved) this.#copy++;
      this.#listen();
    });
  }
}

const unavailable = (error: unknown): void =>
  log.info(
    `no private socket for diagnostics: ${(error as Error).message}; STRATASCOPE_ADMIN_FOLDER names another folder`,
  );

/** Removes a socket that no process listens on. */
function removeLeftover(path: string, minAge: number, done: (isRemoved: boolean) => void = () => {}): void {
  // In bigints, as in src/stderr.ts.
  const stats = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  if (stats?.isSocket() !== true || Date.now() - Number(stats.mtimeMs) < minAge) return done(false);
  const socket = ownStream(connect(path).unref());
  let isRefused = false;
  socket.on(
    "connect",
    guard.callback(() => socket.destroy()),
  );
  socket.on(
    "error",
    guard.callback(({ code }: NodeJS.ErrnoException) => {
      isRefused = code === "ECONNREFUSED";
    }),
  );
  socket.on(
    "close",
    guard.callback(() => {
      if (isRefused) remove(path);
      done(isRefused);
    }),
  );
}
