import { subscribe } from "node:diagnostics_channel";
import net, { type Server } from "node:net";
import { Guard } from "../runtime/guard.ts";

const guard = new Guard("listener");

/** What Node.js publishes before a server listens. */
interface Listening {
  readonly server: Server;
  readonly options: { readonly port?: unknown };
}

/** Ports the application has asked for: they are never taken from it. */
const asked = new Set<number>();

/** Servers of ours, and what has each leave its port. */
const ours = new Map<Server, (port: number) => void>();

/** Notices each port the application asks for in this thread, before it listens there. */
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

/** What Node.js makes a server's handle with. */
type CreateHandle = (...args: readonly unknown[]) => unknown;

/** Notices what the primary of a cluster listens on for workers that accept themselves, as is the default on Windows. */
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

/** Leaves a port to the application at once: when this returns, it can listen there. */
export function yieldPort(port: number): void {
  asked.add(port);
  for (const leave of ours.values()) guard.attempt(() => leave(port));
}

export const isAskedFor = (port: number): boolean => asked.has(port);

/**
 * Has a server of ours leave its port when the application asks for it.
 * @param leave is called with each port the application asks for
 * @returns stops that
 */
export function leaveWhenAsked(server: Server, leave: (port: number) => void): () => void {
  ours.set(server, leave);
  return () => ours.delete(server);
}
