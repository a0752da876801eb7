import http, { Agent, type ClientRequest, type RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { guard } from "./request-guard.ts";
import { ownStream } from "./own-stream.ts";

/** The original function: what applications and their tests replace it with is for their own requests. */
const { request } = http;

type Connected = (error: Error | null, socket?: Socket) => void;
interface ConnectingAgent {
  createConnection(options: object, connected: Connected): Socket | undefined;
}

/** Agents whose connections are our own streams already. */
const prepared = new WeakSet<Agent>();

/** Starts a request of our own. Loads the HTTPS module on first use. */
export function ownRequest(options: RequestOptions): ClientRequest {
  const sent = request({ ...options, agent: ownAgent(options) });
  // A connection can break in the middle of a response.
  return sent.prependListener("response", guard.callback(ownStream));
}

/** Makes the connections of an agent our own streams; creates one that keeps no connections if none is given. */
export function ownAgent({ agent: given, protocol }: RequestOptions): Agent {
  const agent = typeof given === "object" ? given : new (classFor(protocol))();
  if (prepared.has(agent)) return agent;
  prepared.add(agent);
  const connecting = agent as unknown as ConnectingAgent;
  const { createConnection } = connecting;
  connecting.createConnection = (options, connected) => {
    const made = guard.callback((error: Error | null, socket?: Socket) =>
      connected(error, socket && ownStream(socket)),
    );
    const socket = createConnection.call(agent, options, made);
    return socket && ownStream(socket);
  };
  return agent;
}

const classFor = (protocol: string | null | undefined): typeof Agent =>
  protocol === "https:" ? process.getBuiltinModule("node:https").Agent : Agent;
