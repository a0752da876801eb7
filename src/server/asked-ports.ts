import { subscribe } from "node:diagnostics_channel";
import net, { type Server } from "node:net";
import { guard } from "./guard.ts";

/** Message that Node.js publishes before a server listens. */
interface Listening {
  readonly server: Server;
  readonly options: { readonly port?: unknown };
}

/** Ports that the application has requested. We never listen on them. */
const asked = new Set<number>();

/** Our own servers, each with the function that makes it leave a port. */
const ours = new Map<Server, (port: number) => void>();

/** Reports each port that the application requests in this thread, before it listens there. */
export function watchPorts(notice: (port: number) => void): void {
  subscribe("tracing:net.server.listen:asyncStart", (message) =>
    guard.attempt(() => {
      const { server, options } = message as Listening;
      const port = Number(options.port);
      if (port > 0 && !ours.has(server)) notice(port);
    }),
  );
  watchHandles(notice);
}

/** Function with which Node.js creates the handle of a server. */
type CreateHandle = (...args: readonly unknown[]) => unknown;

/**
 * Reports the ports on which the primary of a cluster listens for workers that accept connections themselves, as is the
 * default on Windows.
 */
function watchHandles(notice: (port: number) => void): void {
  const internals = net as unknown as { _createServerHandle?: CreateHandle };
  const { _createServerHandle: create } = internals;
  if (create === undefined) return;
  // oxlint-disable-next-line max-params -- as Node.js has it
  internals._createServerHandle = function createServerHandle(address, port, addressType, fd, flags) {
    guard.attempt(() => {
      if (Number(port) > 0) notice(Number(port));
    });
    return create.call(this, address, port, addressType, fd, flags);
  };
}

/** Leaves a port to the application synchronously: when this returns, the application can listen there. */
export function yieldPort(port: number): void {
  asked.add(port);
  for (const leave of ours.values()) guard.attempt(() => leave(port));
}

export const isAskedFor = (port: number): boolean => asked.has(port);

/**
 * Registers a server of ours, which leaves its port when the application requests it.
 * @param leave called with each port that the application requests
 * @returns a function that unregisters the server
 */
export function leaveWhenAsked(server: Server, leave: (port: number) => void): () => void {
  ours.set(server, leave);
  return () => ours.delete(server);
}
