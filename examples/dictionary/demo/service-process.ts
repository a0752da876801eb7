import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = join(import.meta.dirname, "../../..");
const SERVICE = relative(ROOT, fileURLToPath(import.meta.resolve("../service.ts")));
/** As a user would start it. */
const COMMAND = ["--require", "./register", SERVICE];
/** Milliseconds to stop in. */
const PATIENCE = 5_000;

/** The dictionary service in a process of its own, under observation. */
export class ServiceProcess {
  readonly command: string = ["node", ...COMMAND].join(" ");
  /** The address it listens on, once it does. */
  readonly address: Promise<string>;
  /** What it said on stderr. */
  errors = "";
  readonly #child: ChildProcess;
  readonly #died = new AbortController();
  readonly #closed: Promise<unknown>;
  #isStopping = false;

  constructor(database: string, environment: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [...process.execArgv, ...COMMAND, database], {
      cwd: ROOT,
      env: { ...inherited(), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (this.errors += text));
    child.once("close", () => {
      if (!this.#isStopping) this.#died.abort();
    });
    this.#child = child;
    this.#closed = once(child, "close");
    this.address = new Promise((resolve) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const [, address] = /^listening on (\S+)$/.exec(line) ?? [];
        if (address !== undefined) resolve(address);
      });
    });
  }

  /** Aborted when the process ends unasked. */
  get died(): AbortSignal {
    return this.#died.signal;
  }

  /** Returns when the process has ended, and so has sent its last telemetry. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child.kill("SIGTERM");
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), PATIENCE);
    await this.#closed;
    clearTimeout(kill);
  }
}

/** The settings of the demo are its own, whatever the shell has for another service. */
function inherited(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(OTEL|STRATASCOPE)_/.test(name)));
}
