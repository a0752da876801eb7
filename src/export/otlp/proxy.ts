import type { Agent, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { Guard } from "../../runtime/guard.ts";
import { letProcessEnd } from "../../runtime/unref-request.ts";
import { ownRequest } from "../../runtime/own-request.ts";
import { requestTarget } from "../../runtime/request-target.ts";
import type { Route } from "./route.ts";

const guard = new Guard("proxy");

/**
 * Routes requests through a proxy. The packages for that, and Node.js itself from 24.5 on, keep the process alive while
 * a proxy does not answer.
 */
export function through(proxy: string, target: URL, agent: Agent, timeoutMillis: number): Route {
  const { auth, ...address } = requestTarget(new URL(proxy));
  const headers = auth ? { "Proxy-Authorization": `Basic ${Buffer.from(auth).toString("base64")}` } : {};
  const direct = requestTarget(target);
  if (target.protocol === "https:") {
    const tunnel = { ...address, headers, target: `${target.hostname}:${target.port || 443}`, timeoutMillis };
    return { target: direct, agent: tunnelling(agent, () => open(tunnel)) };
  }
  const path = `${target.origin}${target.pathname}${target.search}`;
  return {
    target: { ...address, auth: direct.auth ?? null, path, headers: { ...headers, Host: target.host } },
    agent,
  };
}

/** Options of a tunnel. */
interface Tunnel extends RequestOptions {
  /** Host and port of its destination. */
  readonly target: string;
  readonly timeoutMillis: number;
}

type Connected = (error: Error | null, socket?: Socket) => void;
interface ConnectingAgent {
  createConnection(options: object, connected?: Connected): Socket | undefined;
}

/** Makes an agent open its connections inside of tunnels. */
function tunnelling(agent: Agent, openTunnel: () => Promise<Socket>): Agent {
  const connecting = agent as unknown as ConnectingAgent;
  const { createConnection } = connecting;
  connecting.createConnection = (options, connected) => {
    openTunnel()
      .then((socket) => createConnection.call(agent, { ...options, socket }))
      .then(
        (socket) => connected!(null, socket),
        (error: Error) => connected!(error),
      );
    return undefined;
  };
  return agent;
}

/** Requests a connection to the Collector from a proxy. */
function open({ target, timeoutMillis, ...options }: Tunnel): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const asked = ownRequest({
      ...options,
      method: "CONNECT",
      path: target,
      headers: { ...options.headers, Host: target },
      agent: false,
      signal: AbortSignal.timeout(timeoutMillis),
    });
    letProcessEnd(asked);
    const connected = guard.callback(({ statusCode }: IncomingMessage, socket: Socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy answered with ${statusCode}`));
    });
    const failed = guard.callback((error: Error) => reject(new Error(`no connection to the proxy: ${error.message}`)));
    const closed = guard.callback(() => reject(new Error("the proxy closed the connection")));
    asked.on("connect", connected).on("error", failed).on("close", closed);
    asked.end();
  });
}
