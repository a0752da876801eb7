import { readFileSync, statSync } from "node:fs";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { guard } from "./guard.ts";
import { ownStream } from "../runtime/own-stream.ts";

/** Maximum open connections: those of a few scrapers and probes, and as many that misbehave. */
const MAX_CONNECTIONS = 64;

/** File descriptors reserved for the application, and maximum connections if no more than those are left. */
const RESERVED_DESCRIPTORS = 64;
const MAX_CONNECTIONS_WHEN_SHORT = 4;

/** Milliseconds from the opening of a connection to the last byte of its response. */
const MAX_CONNECTION_MS = 30_000;

/**
 * Maximum requests read from a connection before it is closed. The first is answered; further ones sent before its
 * response are not.
 */
const MAX_REQUESTS = 8;

interface Connection {
  requests: number;
  readonly deadline: NodeJS.Timeout;
}

/**
 * Limits on the file descriptors, memory and time that clients of one of our servers take from the application. A
 * connection serves one request. Beyond the maximum, the oldest connection without a request is closed, or else the
 * oldest of all, so that neither a flood nor slow readers keep probes out.
 */
export class Connections {
  readonly #asking = new Map<Socket, Connection>();
  readonly #answered = new Map<Socket, Connection>();
  readonly #maxDescriptors = maxDescriptors();

  constructor(server: Server, answer: RequestListener) {
    server.on("connection", (socket: Socket) => guard.attempt(() => this.#open(socket)));
    const answerFirst = guard.callback((request: IncomingMessage, response: ServerResponse) => {
      if (!this.#isFirst(request.socket)) return;
      response.setHeader("connection", "close");
      answer(ownStream(request), response);
    });
    server.on("request", answerFirst);
    // Node.js would answer these requests itself, without a limit.
    server.on("checkExpectation", answerFirst);
  }

  closeAll(): void {
    for (const socket of [...this.#asking.keys(), ...this.#answered.keys()]) socket.destroy();
  }

  #open(socket: Socket): void {
    ownStream(socket).unref();
    const deadline = setTimeout(() => guard.attempt(() => socket.destroy()), MAX_CONNECTION_MS).unref();
    this.#asking.set(socket, { requests: 0, deadline });
    socket.on("close", () => guard.attempt(() => this.#close(socket)));
    const isShort = openDescriptors(socket) > this.#maxDescriptors - RESERVED_DESCRIPTORS;
    this.#closeBeyond(isShort ? MAX_CONNECTIONS_WHEN_SHORT : MAX_CONNECTIONS);
  }

  #close(socket: Socket): void {
    const connections = this.#asking.has(socket) ? this.#asking : this.#answered;
    clearTimeout(connections.get(socket)?.deadline);
    connections.delete(socket);
  }

  #closeBeyond(max: number): void {
    for (let excess = this.#asking.size + this.#answered.size - max; excess > 0; excess--) {
      // The newest connection is one of those without a request.
      const from = this.#asking.size > 1 || this.#answered.size === 0 ? this.#asking : this.#answered;
      const [oldest] = from.keys();
      this.#close(oldest!);
      oldest!.destroy();
    }
  }

  #isFirst(socket: Socket): boolean {
    const connection = this.#asking.get(socket) ?? this.#answered.get(socket);
    // The connection was closed while its requests were read.
    if (connection === undefined) return false;
    connection.requests++;
    if (connection.requests === 1) {
      this.#asking.delete(socket);
      this.#answered.set(socket, connection);
      return true;
    }
    if (connection.requests > MAX_REQUESTS) socket.destroy();
    else socket.pause();
    return false;
  }
}

/**
 * Returns the minimum number of open file descriptors: the exact number on Linux from 6.2 on, otherwise the number of
 * the newest descriptor, as the system assigns the lowest free one. Returns 0 on Windows, which has none.
 */
function openDescriptors(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } };
  return statSync("/proc/self/fd", { throwIfNoEntry: false })?.size || (handle?.fd ?? 0);
}

/** Returns the maximum number of file descriptors; Infinity if the system does not report it. */
function maxDescriptors(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}
