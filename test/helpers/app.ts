import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ELSEWHERE, packagesOf } from "./drivers.ts";
import { eventuallyDefined } from "./eventually.ts";
import { temporaryFolder } from "./temp.ts";

/** Root of this repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** Folder of the programs that are observed in tests. */
const APPS = join(ROOT, "test/apps");

/** Argument of `--require` in a checkout. */
export const REGISTER = join(ROOT, "register");

/** Result of a process. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  /** Node.js executable; by default that of the tests. */
  readonly node?: string;
  /** Options of Node.js; by default `--require ./register`. */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Environment without telemetry exporters; a test that needs one names it. */
const QUIET = {
  OTEL_TRACES_EXPORTER: "none",
  OTEL_METRICS_EXPORTER: "none",
  OTEL_LOGS_EXPORTER: "none",
};

/** Settings that make telemetry independent of the speed of the machine: no statement is slow, and each one is timed. */
export const UNHURRIED = {
  STRATASCOPE_TIMING_PERCENT: "0",
  STRATASCOPE_SLOW_SPAN_MS: "60000",
  STRATASCOPE_SLOW_OPERATION_MS: "60000",
  STRATASCOPE_BLOCKED_MS: "60000",
};

/** Returns an environment without the settings of the machine, which would influence a test. */
function environment(env: RunOptions["env"]): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(OTEL_|STRATASCOPE_|NODE_)/.test(name));
  // The spool is off unless a test is about it: another process would send what one left behind.
  const folders = { STRATASCOPE_SPOOL_FOLDER: temporaryFolder(), STRATASCOPE_ADMIN_FOLDER: temporaryFolder() };
  return { ...Object.fromEntries(inherited), ...QUIET, ...folders, ...env };
}

/** Links this package and its dependencies, with those packages in the tested versions. */
function linkPackages(folder: string): void {
  mkdirSync(folder);
  const link = (place: string, name: string): void => symlinkSync(place, join(folder, name));
  const own = join(ROOT, "node_modules");
  for (const name of readdirSync(own)) if (!ELSEWHERE.includes(name)) link(join(own, name), name);
  for (const [name, place] of ELSEWHERE.flatMap((each) => packagesOf(each)))
    if (!existsSync(join(folder, name))) link(place, name);
  link(ROOT, "stratascope");
}

/** Application in a folder of its own, with this package and its dependencies installed, run in processes of its own. */
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

/** Process of an application. */
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

  /** Returns the text that it has written to standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until the output of the process matches; fails if the process ends without a match. */
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
