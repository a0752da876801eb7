import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { packagesOf } from "./drivers.ts";
import { eventuallyDefined } from "./eventually.ts";
import { temporaryFolder } from "./temp.ts";

/** The root of this repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** The programs that are observed in tests. */
const APPS = join(ROOT, "test/apps");

/** What `--require` is given from a checkout. */
export const REGISTER = join(ROOT, "register");

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** The Node.js executable; the one of the tests otherwise. */
  readonly node?: string;
  /** Options of Node.js; `--require ./register` otherwise. */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Telemetry goes nowhere unless a test says where. */
const QUIET = {
  OTEL_TRACES_EXPORTER: "none",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_LOGS_EXPORTER: "none",
};

/** On a busy machine any statement can be a slow one, of which there is more to tell, and on a fast one too quick to be timed each time. */
export const UNHURRIED = {
  STRATASCOPE_TIMING_PERCENT: "0",
  STRATASCOPE_SLOW_SPAN_MS: "60000",
  STRATASCOPE_SLOW_OPERATION_MS: "60000",
  STRATASCOPE_BLOCKED_MS: "60000",
};

/** An environment without settings of the machine's own, which would decide what a test sees. */
function environment(env: RunOptions["env"]): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|STRATASCOPE_|NODE_)/.test(name));
  // What one process leaves is not sent by another, unless a test is about that.
  const folders = { STRATASCOPE_SPOOL_FOLDER: temporaryFolder(), STRATASCOPE_ADMIN_FOLDER: temporaryFolder() };
  return { ...Object.fromEntries(inherited), ...QUIET, ...folders, ...env };
}

/** Links this package and its dependencies, better-sqlite3 in the version that is tested. */
function linkPackages(folder: string): void {
  mkdirSync(folder);
  const link = (place: string, name: string): void => symlinkSync(place, join(folder, name));
  const own = join(ROOT, "node_modules");
  for (const name of readdirSync(own)) if (name !== "better-sqlite3") link(join(own, name), name);
  for (const [name, place] of packagesOf("better-sqlite3")) link(place, name);
  link(ROOT, "stratascope");
}

/** An application in a folder of its own, run in processes of its own beside this package and its dependencies. */
export class App {
  readonly folder: string = temporaryFolder();

  /** @param source a folder of `test/apps`, which is copied, or the texts of files by their names */
  constructor(source: string | Readonly<Record<string, string>>) {
    linkPackages(join(this.folder, "node_modules"));
    if (typeof source === "string") cpSync(join(APPS, source), this.folder, { recursive: true });
    else for (const [name, text] of Object.entries(source)) this.write(name, text);
  }

  /** Writes a file of the application. */
  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts a file of the application. */
  start(file: string, options: RunOptions = {}): RunningApp {
    const { node = process.execPath, flags = ["--require", REGISTER], args = [], env } = options;
    return new RunningApp(spawn(node, [...flags, file, ...args], { cwd: this.folder, env: environment(env) }));
  }

  /** Runs a file of the application to its end. */
  run(file: string, options?: RunOptions): Promise<Ended> {
    return this.start(file, options).ended;
  }
}

/** A process of an application. */
export class RunningApp {
  readonly ended: Promise<Ended>;
  readonly process: ChildProcess;
  #stdout = "";
  #stderr = "";

  constructor(process: ChildProcess) {
    this.process = process;
    process.stdout!.setEncoding("utf8").on("data", (text: string) => (this.#stdout += text));
    process.stderr!.setEncoding("utf8").on("data", (text: string) => (this.#stderr += text));
    this.ended = new Promise((resolve, reject) => {
      process.on("error", reject);
      process.on("close", (code, signal) => resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr }));
    });
  }

  /** What it has written to its standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until the process has written something that matches; fails if it ends without. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return eventuallyDefined(() => {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (match !== null) return match;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        throw new Error(`ended without saying ${pattern}: ${this.#stdout}${this.#stderr}`);
      }
      return undefined;
    });
  }

  /** Ends the process with a signal and waits for it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    this.process.kill(signal);
    return this.ended;
  }
}
