import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/** How to run a program that stays. */
export interface Command {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Gets what it says. */
  readonly log: string;
  /** Answers as soon as the program is ready. */
  readonly health: string;
}

/** Milliseconds to start in, and to stop in. */
const START = 60_000;
const STOP = 20_000;

/** A program in a process of its own, which can be ended and started again. */
export class Daemon {
  readonly command: Command;
  #child: ChildProcess | undefined;

  constructor(command: Command) {
    this.command = command;
  }

  /** Returns when it is ready. */
  async start(): Promise<this> {
    const { name, program, args, env, log, health } = this.command;
    const output = openSync(log, "a");
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", output, output] });
    closeSync(output);
    const child = this.#child;
    child.once("error", () => undefined);
    const until = performance.now() + START;
    while (!(await answers(health))) {
      if (child.exitCode !== null || child.pid === undefined)
        throw new Error(`${name} did not start: ${this.lastWords}`);
      if (performance.now() > until) throw new Error(`${name} is not ready after a minute: ${this.lastWords}`);
      await setTimeout(50);
    }
    return this;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Ends it and waits; one that does not end by itself is killed. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "exit");
    child.kill(signal);
    const late = new AbortController();
    void setTimeout(STOP, undefined, { signal: late.signal }).then(
      () => child.kill("SIGKILL"),
      () => undefined,
    );
    await closed;
    late.abort();
  }

  get lastWords(): string {
    return readFileSync(this.command.log, "utf8").split("\n").slice(-15).join("\n");
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
