import type { Cluster } from "node:cluster";
import type { Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { log } from "../log.ts";
import { SCOPE } from "../scope.ts";

/** Milliseconds between two looks whether there is something to show, and between two at a port that is taken. */
const LOOK = 500;
const RETRY = 10_000;

/** Milliseconds in which who has a port has to say so. */
const PATIENCE = 500;

/** Ports after the first that the workers of a cluster try. */
const OF_CLUSTER = 64;

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

/**
 * Has a server listen once there is something to show: a process of a moment does not take the port from the service
 * that starts beside it. One that is taken is tried again, as the one before may be about to end; the workers of a
 * cluster, which are there to stay, take the next ones.
 * @returns gives up
 */
export function listenInTime(server: Server, place: Place, isReady: () => boolean): () => void {
  const { host, page } = place;
  let { port } = place;
  const listen = (): void => void server.listen({ host, port, exclusive: true });
  const taken = onceTaken(place);
  let timer = setInterval(() => {
    if (!isReady()) return;
    clearInterval(timer);
    listen();
  }, LOOK).unref();
  server.prependListener("request", (_, response) => response.setHeader("Server", nameOf(place)));
  server.on("listening", () => log.info(`${page} on http://${host}:${(server.address() as AddressInfo).port}/${page}`));
  server.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE") return failed(place, explain(error, place));
    if (isClusterWorker() && port < place.port + OF_CLUSTER) {
      port++;
      return listen();
    }
    taken();
    timer = setTimeout(listen, RETRY).unref();
  });
  return () => clearInterval(timer);
}

const failed = ({ host, port, page }: Place, reason: string): void =>
  log.warn(`no ${page} on http://${host}:${port}/${page}: ${reason}`);

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
const nameOf = ({ service }: Place): string =>
  `${SCOPE.name}/${SCOPE.version} (${encodeURIComponent(service)} ${process.pid})`;

const NAME = new RegExp(`^server: ${SCOPE.name}/\\S+ \\((\\S+) (\\d+)\\)`, "im");

/** Asks who has the port. Not over `node:http`, whose requests are the application's. */
function ask({ host, port }: Place, answer: (owner: Owner | undefined) => void): void {
  let response = "";
  const socket = connect({ host, port }, () =>
    socket.write("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
  );
  socket
    .unref()
    .setEncoding("latin1")
    .setTimeout(PATIENCE, () => socket.destroy());
  socket.on("data", (text: string) => {
    response += text;
    if (response.includes("\r\n\r\n") || response.length > 10_000) socket.destroy();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    const [, service, pid] = NAME.exec(response) ?? [];
    answer(service === undefined ? undefined : { service: decodeURIComponent(service), pid: pid! });
  });
}

/** Node.js has loaded the module where it is one; elsewhere it is not loaded for this. */
const isClusterWorker = (): boolean =>
  process.channel !== undefined && (process.getBuiltinModule("node:cluster") as unknown as Cluster).isWorker;
