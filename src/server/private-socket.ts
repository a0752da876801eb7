import { chmodSync, lstatSync, readdirSync, unlinkSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { Guard } from "../runtime/guard.ts";
import { log } from "../runtime/self-log.ts";
import { quietServer } from "./metrics-endpoint.ts";
import { mayListen, NO_NETWORK } from "../runtime/permission.ts";
import { ownStream } from "../runtime/own-stream.ts";
import { Connections } from "./connections.ts";
import { createFolder, processOf, socketFolder, socketPath } from "./socket-place.ts";

const guard = new Guard("private socket");

/** Further processes with the same pid, in containers that share a folder. */
const MAX_COPIES = 9;

/**
 * Maximum files of a folder that are checked, and milliseconds after which a socket that does not answer is a leftover.
 */
const MAX_LEFTOVERS = 100;
const MIN_AGE_MS = 10_000;

const IS_FILE = process.platform !== "win32";

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // The file is gone, or cannot be removed; neither concerns the application.
  }
}

/** Server for the user of this process alone, on a socket with the permissions of the user. */
export class PrivateSocket {
  readonly #server: Server = quietServer();
  readonly #connections: Connections;
  readonly #chosen: string;
  #folder = "";
  #copy = 0;
  /** Path of the socket file, while it exists. */
  #file: string | undefined;

  /** @param folder empty for a private folder among the temporary files */
  constructor(answer: RequestListener, folder: string) {
    this.#chosen = folder;
    this.#connections = new Connections(this.#server, answer);
    this.#server.on(
      "listening",
      guard.callback(() => this.#listens()),
    );
    this.#server.on(
      "error",
      guard.callback((error: NodeJS.ErrnoException) => this.#failed(error)),
    );
    this.#listen();
  }

  /** Removes the socket file, as the process ends. Never throws. */
  remove(): void {
    if (this.#file !== undefined) remove(this.#file);
    this.#file = undefined;
  }

  close(): void {
    if (this.#server.listening) this.#server.close();
    this.#connections.closeAll();
    this.#file = undefined;
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
    this.#file = path;
    for (const name of readdirSync(this.#folder).slice(0, MAX_LEFTOVERS)) {
      const other = join(this.#folder, name);
      if (processOf(name) !== undefined && other !== path) removeLeftover(other, MIN_AGE_MS);
    }
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (error.syscall === "accept") return log.debug(`a connection could not be accepted: ${error.message}`);
    if (error.code !== "EADDRINUSE" || this.#copy >= MAX_COPIES) return unavailable(error);
    // The socket is that of an earlier process with this pid, or of one with the same pid in another container.
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
  // As bigints, for the reason in src/runtime/stderr.ts.
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
