import { readFileSync, statSync } from "node:fs";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Guard } from "../runtime/guard.ts";
import { ownStream } from "../runtime/own-stream.ts";

const guard = new Guard("listener");

/** Connections held at a time: those of a few scrapers and probes, and room for as many that misbehave. */
const MAX_CONNECTIONS = 64;

/** Descriptors left to the application alone, and the connections held where no more than those are left. */
const RESERVED_DESCRIPTORS = 64;
const MAX_CONNECTIONS_WHEN_SHORT = 4;

/** Milliseconds from the opening of a connection to the last byte of its answer. */
const MAX_CONNECTION_MS = 30_000;

/** Requests read of a connection before it is closed: the first is answered, and what was sent before its answer is not. */
const MAX_REQUESTS = 8;

interface Connection {
  requests: number;
  readonly deadline: NodeJS.Timeout;
}

/**
 * Bounds what the clients of a server of ours take from the application: descriptors, memory and time. A connection is
 * good for one request. Where there are too many, the oldest that has asked for nothing yet is closed, or else the
 * oldest: a flood or slow readers keep no probe out.
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
    // Node.js would answer these itself, any number of them.
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
      // The newest is among those that ask.
      const from = this.#asking.size > 1 || this.#answered.size === 0 ? this.#asking : this.#answered;
      const [oldest] = from.keys();
      this.#close(oldest!);
      oldest!.destroy();
    }
  }

  #isFirst(socket: Socket): boolean {
    const connection = this.#asking.get(socket) ?? this.#answered.get(socket);
    // Closed while its requests were read.
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
 * How many descriptors are open, at least: as Linux says from 6.2 on, or else the number of the newest, as the system
 * gives the lowest that is free. There is none on Windows.
 */
function openDescriptors(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: number } };
  return statSync("/proc/self/fd", { throwIfNoEntry: false })?.size || (handle?.fd ?? 0);
}

/** How many can be open, where the system says. */
function maxDescriptors(): number {
  try {
    const [, limit] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return limit === undefined ? Infinity : Number(limit);
  } catch {
    return Infinity;
  }
}
