import http, { Agent, type ClientRequest, type RequestOptions } from "node:http";
import type { Socket } from "node:net";
import { Guard } from "./guard.ts";
import { ownStream } from "./own-stream.ts";

const guard = new Guard("requests");

/** As it was at the start: what applications and their tests put in its place is for their own requests. */
const { request } = http;

type Connected = (error: Error | null, socket?: Socket) => void;
interface ConnectingAgent {
  createConnection(options: object, connected: Connected): Socket | undefined;
}

/** Agents whose connections are streams of ours already. */
const prepared = new WeakSet<Agent>();

/** Makes a request of our own, over HTTPS as well, whose module is loaded only then. */
export function ownRequest(options: RequestOptions): ClientRequest {
  const sent = request({ ...options, agent: ownAgent(options) });
  // A connection can break off in the middle of an answer.
  return sent.prependListener("response", guard.callback(ownStream));
}

function ownAgent({ agent: given, protocol }: RequestOptions): Agent {
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
