import { request, type IncomingHttpHeaders } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { join } from "node:path";
import { App, REGISTER, type RunningApp } from "./app.ts";
import { eventuallyDefined } from "./eventually.ts";
import { temporaryFolder } from "./temp.ts";

/** Response of the listener. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RemoteAppOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly node?: string;
}

/** URL of the listener in the output of an application. */
const LISTENING = /(?:metrics|health) on (\S+)\/(?:metrics|health)\b/;

/** Application that evaluates code sent by a test, and its listener. */
export class RemoteApp {
  readonly running: RunningApp;
  readonly folder: string;
  /** Folder of its private socket. */
  readonly adminFolder: string = temporaryFolder();
  #url = "";
  #evaluations = 0;

  private constructor(binding: string, { env, node }: RemoteAppOptions) {
    const app = new App("remote");
    this.folder = app.folder;
    this.running = app.start("app.cjs", {
      ...(node === undefined ? {} : { node }),
      args: [binding],
      flags: ["--disable-warning=ExperimentalWarning", "--require", REGISTER],
      env: {
        OTEL_METRICS_EXPORTER: "prometheus",
        OTEL_EXPORTER_PROMETHEUS_PORT: "0",
        OTEL_LOG_LEVEL: "info",
        STRATASCOPE_ADMIN_FOLDER: this.adminFolder,
        ...env,
      },
    });
  }

  static async start(binding: string, options: RemoteAppOptions = {}): Promise<RemoteApp> {
    const app = new RemoteApp(binding, options);
    app.#url = (await app.running.says(LISTENING))[1]!.replace("//0.0.0.0:", "//127.0.0.1:");
    await app.running.says(/^ready$/m);
    return app;
  }

  get url(): string {
    return this.#url;
  }

  /** Evaluates code in the application: the body of an async function of `open`, `api`, `sleep`, `kept` and `require`. */
  async evaluate(code: string): Promise<unknown> {
    const id = ++this.#evaluations;
    this.running.process.stdin!.write(`${JSON.stringify({ id, code })}\n`);
    const [, result] = await this.running.says(new RegExp(`^result ${id} (.*)$`, "m"));
    return JSON.parse(result!);
  }

  ask(path: string, options?: AskOptions): Promise<Answered> {
    return send(new URL(`${this.#url}${path}`), options);
  }

  get socket(): string {
    return join(this.adminFolder, `${this.running.process.pid}.sock`);
  }

  /** Sends a request over the private socket, as the command line tool does. */
  askPrivately(path: string, options?: AskOptions): Promise<Answered> {
    const ask = (): Promise<Answered | undefined> =>
      send({ socketPath: this.socket, path }, options).catch((error: NodeJS.ErrnoException) => {
        // The socket does not exist yet, or has no listener.
        if (error.code !== "ENOENT" && error.code !== "ECONNREFUSED") throw error;
        return undefined;
      });
    return eventuallyDefined(ask, { every: 50 });
  }

  /** Polls a health check until its result, as `200 healthy: message`, matches. */
  async check(path: string, wanted: RegExp): Promise<string> {
    for (let tries = 0; ; tries++) {
      const { status, body } = await this.ask(path);
      const said = `${status} ${String(body["status"])}: ${String(body["message"] ?? "")}`;
      if (wanted.test(said)) return said;
      if (tries >= 60) throw new Error(`${path} says "${said}", not ${wanted}`);
      await wait(250);
    }
  }

  async stop(): Promise<void> {
    this.running.process.stdin!.end();
    await this.running.ended;
  }
}

function send(
  to: URL | { readonly socketPath: string; readonly path: string },
  { method = "GET", headers = {}, body }: AskOptions = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const place = to instanceof URL ? { host: to.hostname, port: to.port, path: to.pathname + to.search } : to;
    const asked = request({ ...place, method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => {
        const isJson = response.headers["content-type"]?.startsWith("application/json") === true && text !== "";
        const body = (isJson ? JSON.parse(text) : {}) as Answered["body"];
        resolve({ status: response.statusCode!, headers: response.headers, text, body });
      });
    });
    asked.on("error", reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
