import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { temporaryFolder } from "../../helpers/temp.ts";
import type { Variant } from "./variants.ts";

/** What an application is run with. */
export interface ProcessOptions {
  readonly args?: readonly string[];
  /** Given to Node.js behind the arguments of the variant. */
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Milliseconds after which a process that says nothing has failed. */
const TIMEOUT_MS = 120_000;

/** The settings of the machine's own would decide what is compared. */
function inherited(): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(([name]) => !/^(OTEL_|STRATASCOPE_|DD_|ELASTIC_|NODE_)/.test(name));
  return Object.fromEntries(ours);
}

/** An application that runs under a variant and tells what it finds. */
export class MeasuredProcess {
  /** Resolves with the moment of the end, of the clock that all processes share. */
  readonly ended: Promise<bigint>;
  readonly #process: ChildProcess;
  readonly #failed: Promise<never>;

  constructor(app: string, { folder, nodeArgs }: Pick<Variant, "folder" | "nodeArgs">, options: ProcessOptions) {
    this.#process = fork(join(import.meta.dirname, "../apps", app), options.args ?? [], {
      cwd: folder,
      execArgv: ["--disable-warning=ExperimentalWarning", ...nodeArgs, ...(options.nodeArgs ?? [])],
      // What one process leaves is not sent by another.
      env: { ...inherited(), STRATASCOPE_SPOOL_FOLDER: temporaryFolder(), ...options.env },
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    let stderr = "";
    this.#process.stderr!.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    this.ended = once(this.#process, "exit").then(() => process.hrtime.bigint());
    this.#failed = this.ended.then(() => Promise.reject(new Error(`${app} ended early: ${stderr}`)));
    this.#failed.catch(() => {});
  }

  /** The next thing it tells. */
  async next<T>(): Promise<T> {
    const message = once(this.#process, "message", { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const [answer] = (await Promise.race([message, this.#failed])) as [T];
    return answer;
  }

  /** What it answers. */
  ask<T>(): Promise<T> {
    this.#process.send("tell");
    return this.next();
  }

  async kill(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }
}
