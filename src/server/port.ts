import type { Cluster } from "node:cluster";
import type { Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { guard } from "./guard.ts";
import { oneLine, type Config } from "../config/index.ts";
import { isAskedFor, leaveWhenAsked } from "./asked-ports.ts";
import { log } from "../runtime/self-log.ts";
import { mayListen, NO_NETWORK } from "../runtime/permission.ts";
import { SCOPE } from "../runtime/package-info.ts";
import { ownStream } from "../runtime/own-stream.ts";
import { yieldPort } from "./asked-ports.ts";
import { markPort } from "./shared-ports.ts";

/** Milliseconds between two attempts to listen on a port that is in use. */
const RETRY_MS = 10_000;

/**
 * Milliseconds in which the owner of a port has to identify itself, and maximum characters that are read of its
 * response.
 */
const ANSWER_MS = 500;
const MAX_ANSWER = 2_000;

/** Ports after the first that the processes of a cluster try. */
const MAX_CLUSTER_PORTS = 64;

/** Tells whether the listener can be on a port. A listener that takes any free port is never on a requested one. */
export const isOfListener = (port: number, { prometheusPort: first }: Pick<Config, "prometheusPort">): boolean =>
  first !== 0 && port >= first && port <= first + MAX_CLUSTER_PORTS;

/** Address and content of a listener. */
export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
  /** Content, and path of its main page. */
  readonly page: "metrics" | "health";
  /** Name of the service. */
  readonly service: string;
  /** True if the same data is also exported another way. */
  readonly isSent: boolean;
}

/** Process of ours that owns a port. */
interface Owner {
  readonly service: string;
  readonly pid: string;
}

/** Server that listens on a port, with a function that closes its connections. */
export interface Listener {
  readonly server: Server;
  closeAll(): void;
}

/**
 * Listener on a port. It retries a port that is in use, as the previous process may be about to end. The processes of a
 * cluster, which stay, take the next ports instead. It leaves a port that the application requests, and does not take
 * it again.
 */
export class PortListener {
  readonly #listener: Listener;
  readonly #place: ListenerAddress;
  readonly #taken: () => void;
  readonly #stopLeaving: () => void;
  #port: number;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;
  #unmark = (): void => {};

  constructor(listener: Listener, place: ListenerAddress) {
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
    // The host was being resolved in the meantime.
    if (this.#isOver || isAskedFor(port)) return this.#leave(port);
    this.#unmark = markPort(port, () => yieldPort(port));
    log.info(`${this.#place.page} on ${urlOf({ ...this.#place, port })}`);
  }

  #failed(error: NodeJS.ErrnoException): void {
    // One connection could not be accepted; later ones can be.
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

  /** Leaves a port to the application synchronously. */
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

const urlOf = ({ host, port, page }: ListenerAddress): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${port}/${page}`;

const failed = (place: ListenerAddress, reason: string): void =>
  log.warn(`no ${place.page} on ${urlOf(place)}: ${reason}`);

const UNBINDABLE: ReadonlySet<string | undefined> = new Set(["EADDRNOTAVAIL", "ENOTFOUND", "EINVAL", "EAI_AGAIN"]);

function explain(error: NodeJS.ErrnoException, { host, port }: ListenerAddress): string {
  if (UNBINDABLE.has(error.code))
    return `OTEL_EXPORTER_PROMETHEUS_HOST="${host}" is no address of this machine (${error.code})`;
  if (error.code === "EACCES") return `port ${port} needs privileges; set OTEL_EXPORTER_PROMETHEUS_PORT to another one`;
  return error.message;
}

/** Returns a function that logs once who uses the port. */
function onceTaken(place: ListenerAddress): () => void {
  let isReported = false;
  return () => {
    if (isReported) return;
    isReported = true;
    ask(place, (owner) => report(place, owner));
  };
}

function report(place: ListenerAddress, owner: Owner | undefined): void {
  const { port, page, service, isSent } = place;
  const by = owner === undefined ? "" : ` by process ${owner.pid} of ${owner.service}`;
  if (owner?.service === service && isSent)
    log.info(`port ${port} is in use${by}; the ${page} of this process are sent`);
  else failed(place, `port ${port} is in use${by}; set OTEL_EXPORTER_PROMETHEUS_PORT to a free one`);
}

/** Returns the name by which a process identifies itself on its port. */
export const nameOf = (service: string): string =>
  `${SCOPE.name}/${SCOPE.version} (${encodeURIComponent(service)} ${process.pid})`;

const NAME = /^server: stratascope\/\S+ \((\S+) (\d+)\)/i;

/** Parses the name of a process. Untrusted: any process can be on the port. */
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

/** Asks the owner of the port for its name. Not with `node:http`, whose requests are the application's. */
function ask({ host, port }: ListenerAddress, answer: (owner: Owner | undefined) => void): void {
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

/**
 * Tells whether this is a process of a cluster. Its primary can begin to listen after a worker. Does not load the
 * module.
 */
function isInCluster(): boolean {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  if (!moduleLoadList.includes("NativeModule cluster")) return false;
  const { isWorker, workers } = process.getBuiltinModule("node:cluster") as unknown as Cluster;
  return isWorker || Object.keys(workers ?? {}).length > 0;
}
