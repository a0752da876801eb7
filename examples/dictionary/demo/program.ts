import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";

const ROOT = join(import.meta.dirname, "../../..");
/** Milliseconds to stop in. */
const PATIENCE = 5_000;

/** A program of the dictionary in a process of its own, started as a user would start it. */
export class Program {
  readonly command: string;
  /** What it said on stderr. */
  errors = "";
  readonly #child: ChildProcess;
  readonly #died = new AbortController();
  readonly #closed: Promise<unknown>;
  #isStopping = false;

  /** @param file its name in the folder of the dictionary */
  constructor(file: string, args: readonly string[], environment: NodeJS.ProcessEnv) {
    const program = relative(ROOT, join(import.meta.dirname, "..", file));
    const command = ["--require", "./register", program];
    this.command = ["node", ...command].join(" ");
    const child = spawn(process.execPath, [...process.execArgv, ...command, ...args], {
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
  }

  /** Waits for a line of its output. @returns the first group */
  says(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      createInterface({ input: this.#child.stdout! }).on("line", (line) => {
        const match = pattern.exec(line);
        if (match !== null) resolve(match[1]!);
      });
    });
  }

  /** Aborted when the process ends unasked. */
  get died(): AbortSignal {
    return this.#died.signal;
  }

  /** Returns when the process has ended, and so has sent its last telemetry. */
  async ended(): Promise<void> {
    await this.#closed;
  }

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
