import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { ownAgent } from "../../runtime/own-request.ts";
import { ownStream } from "../../runtime/own-stream.ts";
import { requestTarget } from "../../runtime/request-target.ts";
import { letProcessEnd } from "../../runtime/unref-request.ts";
import { guard } from "./guard.ts";

/**
 * Timeout of a request. It is shorter than the exporter's first wait before a retry, of 800 ms or more, whose timer would
 * keep the process alive; and than the deadline of the last export.
 */
const TIMEOUT_MS = 750;

/** Maximum requests at a time; further batches are left out. */
const MAX_REQUESTS = 8;

/** Headers that are sent. The exporter adds those of the Collector from the environment, with its credentials. */
const SENT_HEADERS: ReadonlySet<string> = new Set(["host", "content-type", "user-agent"]);

/** Creates the exporter of copies. */
export function copyExporter(url: string): OTLPTraceExporter {
  const target = new URL(url);
  const { auth } = requestTarget(target);
  target.username = "";
  target.password = "";
  return new OTLPTraceExporter({
    url: target.href,
    timeoutMillis: TIMEOUT_MS,
    concurrencyLimit: MAX_REQUESTS,
    compression: CompressionAlgorithm.NONE,
    httpAgentOptions: (protocol) => boundedAgent(protocol, auth),
  });
}

/** Method through which Node.js and packages pass each request to its agent. */
interface RequestingAgent {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/** Creates an agent that bounds the exporter's requests. */
function boundedAgent(protocol: string, auth: string | null | undefined): Agent {
  const agent = ownAgent({ protocol });
  const requesting = agent as unknown as RequestingAgent;
  const { addRequest } = requesting;
  requesting.addRequest = (request, ...rest) => {
    guard.attempt(() => bound(request, auth));
    addRequest.call(agent, request, ...rest);
  };
  return agent;
}

function bound(request: ClientRequest, auth: string | null | undefined): void {
  for (const name of request.getHeaderNames()) if (!SENT_HEADERS.has(name)) request.removeHeader(name);
  if (auth) request.setHeader("Authorization", `Basic ${Buffer.from(auth).toString("base64")}`);
  letProcessEnd(request);
  // The exporter's own timeout is that of an idle connection.
  const late = setTimeout(
    guard.callback(() => request.destroy()),
    TIMEOUT_MS,
  ).unref();
  request.on(
    "close",
    guard.callback(() => clearTimeout(late)),
  );
  const answered = guard.callback((response: IncomingMessage) => {
    ownStream(response);
    // The exporter would retry as often as it is asked to.
    delete response.headers["retry-after"];
  });
  // The exporter would wait for ever.
  const upgraded = guard.callback(({ statusCode }: IncomingMessage, socket: Duplex) => {
    socket.destroy();
    request.emit("error", new Error(`it was answered with ${statusCode}`));
  });
  request.prependListener("response", answered).on("upgrade", upgraded);
}
