/** Routes of the service. A branch has those of its database, below `/branches/NAME`. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { Tidepool } from "./engine.ts";
import { TidepoolError } from "./entry.ts";
import type { Snapshot } from "./views.ts";

/** Request to a handler. */
interface Call {
  readonly db: Tidepool;
  /** The rest of the path. */
  readonly name: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Function that returns the body of a response, or undefined if it has been sent or there is none. */
type Handler = (call: Call) => Promise<unknown>;

class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const ROUTES: Readonly<Record<string, Handler>> = {
  async "GET keys"({ db, name }) {
    const value = await db.get(name);
    if (value === undefined) throw new HttpError(404, "there is no such key");
    return value.toString();
  },
  "PUT keys": async ({ db, name, request }) => db.put(name, await buffer(request)),
  "DELETE keys": ({ db, name }) => db.del(name),
  /** Increments a counter in a transaction. Of two at the same time, one ends in a conflict. */
  "POST counters": ({ db, name }) =>
    db.transaction(async (transaction) => {
      const count = Number((await transaction.get(name)) ?? 0) + 1;
      transaction.put(name, Buffer.from(String(count)));
      return count;
    }),
  async "GET prefix"({ db, name }) {
    const found: Record<string, string> = {};
    for await (const [key, value] of db.scan(name)) found[key] = value.toString();
    return found;
  },
  "POST snapshots": async ({ db, name }) => {
    snapshots.get(name)?.release();
    snapshots.set(name, db.snapshot());
  },
  /** Sends the entries of a snapshot, which stays open, and so keeps old versions, until it is deleted. */
  async "GET snapshots"({ name, response }) {
    const snapshot = snapshotOf(name);
    const lines = async function* (): AsyncGenerator<string> {
      for await (const [key, value] of snapshot.scan()) yield `${JSON.stringify([key, value.toString()])}\n`;
    };
    await pipeline(Readable.from(lines()), response);
  },
  "DELETE snapshots": async ({ name }) => {
    snapshotOf(name).release();
    snapshots.delete(name);
  },
  "POST flush": ({ db }) => db.flush(),
  "POST compact": ({ db }) => db.compact(),
  "POST backups": ({ db, name }) => db.checkpoint(join(db.folder, "..", encodeURIComponent(name))),
  "POST branches": async ({ db, name }) => void (await db.branch(name)),
  "DELETE branches": ({ db, name }) => db.dropBranch(name),
};

const snapshots = new Map<string, Snapshot>();

function snapshotOf(name: string): Snapshot {
  const snapshot = snapshots.get(name);
  if (snapshot === undefined) throw new HttpError(404, "there is no such snapshot");
  return snapshot;
}

export function serve(db: Tidepool): RequestListener {
  return (request, response) => void answer(db, request, response);
}

async function answer(root: Tidepool, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const path = decodeURIComponent(new URL(request.url!, "http://localhost").pathname);
    const [db, [, kind, name]] = await find(root, path);
    const handler = ROUTES[`${request.method} ${kind}`];
    if (handler === undefined) throw new HttpError(404, `there is no ${request.method} ${path}`);
    const body = await handler({ db, name: name ?? "", request, response });
    if (!response.headersSent) response.writeHead(body === undefined ? 204 : 200);
    response.end(body === undefined ? undefined : JSON.stringify(body));
  } catch (error) {
    fail(response, error);
  }
}

/** Finds the branch that a path begins with, and reads the rest. */
async function find(root: Tidepool, path: string): Promise<[Tidepool, RegExpExecArray | []]> {
  const [, branch, rest] = /^\/branches\/([^/]+)(\/.+)$/.exec(path) ?? [];
  if (branch !== undefined && !root.hasBranch(branch)) throw new HttpError(404, "there is no such branch");
  const db = branch === undefined ? root : await root.branch(branch);
  return [db, /^\/(\w+)(?:\/(.*))?$/.exec(rest ?? path) ?? []];
}

function fail(response: ServerResponse, error: unknown): void {
  // The client has left; there is no answer to send.
  if (response.destroyed) return;
  const status = statusOf(error);
  if (status === 500) console.error(error);
  if (response.headersSent) return void response.destroy();
  response.writeHead(status).end(status === 500 ? "internal error" : (error as Error).message);
}

function statusOf(error: unknown): number {
  if (error instanceof HttpError) return error.status;
  if (error instanceof TidepoolError && error.code === "CONFLICT") return 409;
  if (error instanceof TidepoolError && error.code === "CLOSED") return 503;
  return error instanceof URIError || error instanceof RangeError ? 400 : 500;
}
