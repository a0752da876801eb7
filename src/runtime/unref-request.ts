import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { guard } from "./request-guard.ts";

/** Milliseconds between two checks. Most connections are established before the first. */
const LOOK_MS = 200;

/**
 * Active resources that do not keep a process alive: standard streams, and the connections that we wait for ourselves.
 */
const IDLE = /ConnectWrap$|^GetAddrInfoReqWrap$|^(Pipe|TTY)Wrap$/;

const connecting = new Set<ClientRequest>();
let timer: NodeJS.Timeout | undefined;

/**
 * Lets the process end while a request waits for its connection. A pending connection keeps the process alive, whatever
 * is done to the socket. If the network does not respond, it does so until the request times out.
 */
export function letProcessEnd(request: ClientRequest): void {
  connecting.add(request);
  timer ??= setInterval(guard.callback(look), LOOK_MS).unref();
  const stop = guard.callback(() => {
    connecting.delete(request);
    if (connecting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  });
  request.on(
    "socket",
    guard.callback((socket: Socket) => {
      socket.unref();
      if (socket.connecting) socket.once("connect", stop);
      else stop();
    }),
  );
  request.on("close", stop);
}

function look(): void {
  if (process.getActiveResourcesInfo().every((resource) => IDLE.test(resource))) giveUpConnecting();
}

/** Aborts pending connections, so that the process ends. */
export function giveUpConnecting(): void {
  for (const request of connecting) request.destroy(new Error("no connection by the end of the process"));
}
