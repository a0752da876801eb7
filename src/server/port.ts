import type { Cluster } from "node:cluster";
import type { Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { Guard } from "../runtime/guard.ts";
import { oneLine, type Config } from "../config/index.ts";
import { isAskedFor, leaveWhenAsked } from "./asked-ports.ts";
import { log } from "../runtime/self-log.ts";
import { mayListen, NO_NETWORK } from "../runtime/permission.ts";
import { SCOPE } from "../runtime/package-info.ts";
import { ownStream } from "../runtime/own-stream.ts";
import { yieldPort } from "./asked-ports.ts";
import { markPort } from "./shared-ports.ts";

const guard = new Guard("listener");

/** Milliseconds between two looks at a port that is taken. */
const RETRY_MS = 10_000;

/** Milliseconds in which who has a port has to say so, and characters that are read of what is said. */
const ANSWER_MS = 500;
const MAX_ANSWER = 2_000;

/** Ports after the first that the processes of a cluster try. */
const MAX_CLUSTER_PORTS = 64;

/** Whether the listener can be at a port; one that takes any free one is never where it is asked for. */
export const isOfListener = (port: number, { prometheusPort: first }: Pick<Config, "prometheusPort">): boolean =>
  first !== 0 && port >= first && port <= first + MAX_CLUSTER_PORTS;

/** Where something is shown. */
export interface Place {
  readonly host: string;
  readonly port: number;
  /** What there is, also the path of its main page. */
  readonly page: "metrics" | "health";
  /** Whose it is. */
  readonly service: string;
  /** Whether what is shown there also goes another way. */
  readonly isSent: boolean;
}

/** Who has a port, if it is one of us. */
interface Owner {
  readonly service: string;
  readonly pid: string;
}

/** A server that listens on a port, and what closes its connections. */
export interface Listener {
  readonly server: Server;
  closeAll(): void;
}

/**
 * Listens on a port. A port that is taken is tried again, as the process before may be about to end; the processes of
 * a cluster, which are there to stay, take the next ones. A port the application asks for is left to it, and not taken
 * again.
 */
export class PortListener {
  readonly #listener: Listener;
  readonly #place: Place;
  readonly #taken: () => void;
  readonly #stopLeaving: () => void;
  #port: number;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #unmark = (): void => {};

  constructor(listener: Listener, place: Place) {
    this.#listener = listener;
    this.#place = place;
    this.#port = place.port;
    this.#taken = onceTaken(place);
    const { server } = listener;
    server.on("listening", () => guard.attempt(() => this.#listens()));
    server.on("error", (error: NodeJS.ErrnoException) => guard.attempt(() => this.#failed(error)));
    this.#stopLeaving = leaveWhenAsked(server, (port) => this.#leave(port));
    if (mayListen()) this.#listen();
    else failed(place, NO_NETWORK);
  }

  close(): void {
    this.#isOver = true;
    this.#stopLeaving();
    clearTimeout(this.#timer);
    this.#stop();
  }

  #stop(): void {
    const { server } = this.#listener;
    if (server.listening) server.close();
    this.#listener.closeAll();
    this.#unmark();
  }

  #listen(): void {
    if (this.#isOver) return;
    if (this.#port !== 0 && isAskedFor(this.#port)) this.#moveOn();
    else this.#listener.server.listen({ host: this.#place.host, port: this.#port, exclusive: true });
  }

  #listenIn(milliseconds: number): void {
    this.#timer = setTimeout(() => guard.attempt(() => this.#listen()), milliseconds).unref();
  }

  #listens(): void {
    const { port } = this.#listener.server.address() as AddressInfo;
    // The address was looked up meanwhile.
    if (this.#isOver || isAskedFor(port)) return this.#leave(port);
    this.#unmark = markPort(port, () => yieldPort(port));
    log.info(`${this.#place.page} on ${urlOf({ ...this.#place, port })}`);
  }

  #failed(error: NodeJS.ErrnoException): void {
    // One connection that could not be accepted; the next ones are.
    if (error.syscall === "accept") return log.debug(`a connection could not be accepted: ${error.message}`);
    if (error.code !== "EADDRINUSE") return failed(this.#place, explain(error, this.#place));
    if (this.#hasNext()) {
      this.#port++;
      return this.#listen();
    }
    this.#taken();
    this.#listenIn(RETRY_MS);
  }

  #hasNext(): boolean {
    return isInCluster() && this.#port < this.#place.port + MAX_CLUSTER_PORTS;
  }

  /** Leaves a port to the application, at once. */
  #leave(port: number): void {
    const address = this.#listener.server.address() as AddressInfo | null;
    if (address?.port !== port) return;
    this.#stop();
    this.#moveOn();
  }

  #moveOn(): void {
    if (this.#isOver) return;
    if (this.#place.port !== 0 && !this.#hasNext()) {
      this.close();
      const { port } = this.#place;
      return failed(
        this.#place,
        `port ${port} is left to the application, which asked for it; set OTEL_EXPORTER_PROMETHEUS_PORT to another one`,
      );
    }
    if (this.#place.port !== 0) this.#port++;
    this.#listenIn(0);
  }
}

const urlOf = ({ host, port, page }: Place): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}/${page}`;

const failed = (place: Place, reason: string): void => log.warn(`no ${place.page} on ${urlOf(place)}: ${reason}`);

const UNBINDABLE: ReadonlySet<string | undefined> = new Set(["EADDRNOTAVAIL", "ENOTFOUND", "EINVAL", "EAI_AGAIN"]);

function explain(error: NodeJS.ErrnoException, { host, port }: Place): string {
  if (UNBINDABLE.has(error.code))
    return `OTEL_EXPORTER_PROMETHEUS_HOST="${host}" is no address of this machine (${error.code})`;
  if (error.code === "EACCES") return `port ${port} needs privileges; set OTEL_EXPORTER_PROMETHEUS_PORT to another one`;
  return error.message;
}

/** Says once what has become of the port. */
function onceTaken(place: Place): () => void {
  let isTold = false;
  return () => {
    if (isTold) return;
    isTold = true;
    ask(place, (owner) => tell(place, owner));
  };
}

function tell(place: Place, owner: Owner | undefined): void {
  const { port, page, service, isSent } = place;
  const by = owner === undefined ? "" : ` by process ${owner.pid} of ${owner.service}`;
  if (owner?.service === service && isSent)
    log.info(`port ${port} is in use${by}; the ${page} of this process are sent`);
  else failed(place, `port ${port} is in use${by}; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one`);
}

/** How a process names itself on its port. */
export const nameOf = (service: string): string =>
  `${SCOPE.name}/${SCOPE.version} (${encodeURIComponent(service)} ${process.pid})`;

const NAME = /^server: stratascope\/\S+ \((\S+) (\d+)\)/i;

/** Who a process says it is: whoever has a port can say anything. */
function ownerIn(response: string): Owner | undefined {
  const line = response.split("\r\n").find((header) => /^server:/i.test(header));
  const [, service, pid] = NAME.exec(line ?? "") ?? [];
  if (service === undefined) return undefined;
  try {
    return { service: oneLine(decodeURIComponent(service)), pid: pid! };
  } catch {
    return undefined;
  }
}

/** Asks who has the port. Not over `node:http`, whose requests are the application's. */
function ask({ host, port }: Place, answer: (owner: Owner | undefined) => void): void {
  let response = "";
  const socket = ownStream(
    connect({ host, port }, () =>
      guard.attempt(() => socket.write("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")),
    ),
  );
  const deadline = setTimeout(() => guard.attempt(() => socket.destroy()), ANSWER_MS).unref();
  socket.unref().setEncoding("latin1");
  socket.on("data", (text: string) =>
    guard.attempt(() => {
      response += text;
      if (response.endsWith("\r\n\r\n") || response.length > MAX_ANSWER) socket.destroy();
    }),
  );
  socket.on("error", () => {});
  socket.on("close", () =>
    guard.attempt(() => {
      clearTimeout(deadline);
      answer(ownerIn(response.slice(0, MAX_ANSWER)));
    }),
  );
}

/** Whether this is a process of a cluster; its primary can come to listen after a worker. The module is not loaded for this. */
function isInCluster(): boolean {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  if (!moduleLoadList.includes("NativeModule cluster")) return false;
  const { isWorker, workers } = process.getBuiltinModule("node:cluster") as unknown as Cluster;
  return isWorker || Object.keys(workers ?? {}).length > 0;
}
