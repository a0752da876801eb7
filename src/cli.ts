#!/usr/bin/env node
import { readdirSync } from "node:fs";
import { request } from "node:http";
import { parseArgs } from "node:util";
import { migrateFiles } from "./queries/migrate-files.ts";
import { SCOPE } from "./runtime/package-info.ts";
import { checkFolder, processOf, socketFolder } from "./server/socket-place.ts";

const HELP = `Asks the processes of this user that stratascope observes, and changes them for a time.

usage: stratascope <command> [options]

  ps                                 the observed processes
  status [pid]                       versions, health, what is observed or why not, storage, settings
  alerts [pid]                       the alerts that fire, and the rules
  sampling                           the ratio of traces that are recorded
  sampling <ratio> [--for 15m]       changes it: 1 records all, 0.1 a tenth
  sampling reset                     puts it back
  log-level [subsystem]              what loggers write
  log-level [subsystem] <level>      changes it, of all or of one subsystem, with --for 10m
  log-level [subsystem] reset        puts it back; the subsystem "stratascope" is stratascope itself
  migrate-queries <file>...          replaces names of earlier versions in dashboards and rules, and lists what to look at

  --pid <pid>                        the process, where there are several
  --for <time>                       how long a change holds: 30s, 10m, 2h; otherwise 15m or what the settings say
  --folder <path>                    the folder of the sockets, where STRATASCOPE_ADMIN_FOLDER names one
  --json                             ps as JSON
  --check                            migrate-queries shows what it would change, and fails if there is anything
  --from <version>                   the version that the queries were written for; otherwise the first
  --list <file>                      a migrations.json in place of that of this version
  --help, --version

It finds the processes of your user on this machine, or in this container: run it there, as that user.
`;

/** Timeout of a process's response in milliseconds; the maximum size of the response in bytes follows. */
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** User error or environmental problem, of which only the message is printed. */
class Problem extends Error {}

/** Socket that a terminated process left behind. */
class Leftover extends Problem {}

interface AdminResponse {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Target {
  readonly pid: number;
  readonly socket: string;
}

interface AdminRequest {
  readonly path: string;
  readonly method?: string;
  readonly body?: object;
}

function ask(socketPath: string, { path, method = "GET", body }: AdminRequest): Promise<AdminResponse> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method, host: "localhost", timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > MAX_BYTES) asked.destroy(new Problem("the answer is too long"));
      });
      // Has no effect if the response was complete.
      response.on("close", () => reject(new Problem("the process ended in the middle of its answer")));
      response.on("end", () => {
        try {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as AdminResponse["body"] });
        } catch {
          reject(new Problem(`the process answered ${response.statusCode} without JSON`));
        }
      });
    });
    asked.on("timeout", () =>
      asked.destroy(new Problem(`no answer within ${TIMEOUT_MS / 1000} s: its event loop is blocked`)),
    );
    asked.on("error", (error) =>
      reject(isLeftover(error) ? new Leftover(`no process listens on ${socketPath}`) : error),
    );
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Finds the sockets of this user's processes. */
function targetsIn(folder: string): Target[] {
  const user = process.getuid?.();
  try {
    // The superuser may query any process.
    checkFolder(folder, user === 0 ? undefined : user);
    return readdirSync(folder).flatMap((name) => {
      const pid = processOf(name);
      return pid === undefined ? [] : { pid, socket: folder + (folder.endsWith("\\") ? "" : "/") + name };
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Problem((error as Error).message);
  }
}

/** Tells whether an error means that no process listens on a socket any more. */
const isLeftover = (error: unknown): boolean =>
  ["ECONNREFUSED", "ENOENT"].includes(String((error as NodeJS.ErrnoException).code));

interface Listed {
  readonly pid: number;
  readonly service: string;
  readonly health: string;
  readonly uptime: string;
  readonly node: string;
}

async function list(target: Target): Promise<Listed | undefined> {
  const unknown = { pid: target.pid, service: "?", uptime: "?", node: "?" };
  try {
    const { body } = await ask(target.socket, { path: "/debug/status" });
    const health = body["health"] as Record<string, string>;
    const version = body["version"] as Record<string, string>;
    return {
      pid: target.pid,
      service: String(body["service"]),
      health: health["liveness"] === "unhealthy" ? "not live" : String(health["readiness"]),
      uptime: `${Math.round(Number(body["uptime_seconds"]))} s`,
      node: String(version["node"]),
    };
  } catch (error) {
    return error instanceof Leftover ? undefined : { ...unknown, health: (error as Error).message };
  }
}

const listAll = async (targets: readonly Target[]): Promise<Listed[]> =>
  (await Promise.all(targets.map(list))).filter((listed) => listed !== undefined);

/** Replaces control characters that a terminal would interpret. */
const printable = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, "?");

const print = (text: string): void => void process.stdout.write(`${printable(text)}\n`);

function table(rows: readonly Listed[]): string {
  const head = { pid: "PID", service: "SERVICE", health: "HEALTH", uptime: "UPTIME", node: "NODE" };
  const lines = [head, ...rows].map((row) => Object.values(row).map(String));
  const widths = Object.keys(head).map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

const NONE =
  "no observed process of this user was found: it has to serve something or to have done something observed, to run as " +
  "this user and in this container; STRATASCOPE_ADMIN_FOLDER of the process is to be given here with --folder";

/** Selects the process to query. */
async function choose(targets: readonly Target[], pid: number | undefined): Promise<Target> {
  const meant = pid === undefined ? targets : targets.filter((target) => target.pid === pid);
  if (meant.length === 1) return meant[0]!;
  const alive = await listAll(meant);
  const living = meant.filter((target) => alive.some((listed) => listed.pid === target.pid));
  if (living.length === 1) return living[0]!;
  if (living.length > 1) throw new Problem(`there are several, name one with --pid:\n${table(alive)}`);
  throw new Problem(pid === undefined ? NONE : `no observed process of this user has the number ${pid}`);
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/**
 * Parses a duration.
 * @returns undefined if the process decides
 */
function secondsOf(time: string | undefined): number | undefined {
  if (time === undefined) return undefined;
  const [, amount, unit = "s"] = /^(\d{1,9}(?:\.\d{1,9})?)([smh])?$/.exec(time) ?? [];
  if (amount === undefined) throw new Problem(`--for ${time} is no time: 30s, 10m or 2h`);
  return Number(amount) * UNITS[unit]!;
}

const LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "off", "none", "verbose"];
const RESET = "reset";

interface Options {
  readonly pid?: string;
  readonly for?: string;
  readonly folder?: string;
  readonly json?: boolean;
  readonly check?: boolean;
  readonly from?: string;
  readonly list?: string;
}

/** Returns the request that changes a setting, or reads it if no value is given. */
function overrideRequest(path: string, value: string | undefined, options: Options): AdminRequest {
  if (value === undefined) return { path };
  if (value === RESET) return { path, method: "DELETE" };
  const given = path.endsWith("sampling") ? Number(value) : value;
  return { path, method: "PUT", body: { value: given, seconds: secondsOf(options.for) } };
}

/** Requests by command. If no pid is given as an argument, `--pid` applies. */
const COMMANDS: Readonly<
  Record<string, (args: string[], options: Options) => AdminRequest & { readonly pid?: string }>
> = {
  status: ([pid]) => ({ path: "/debug/status", ...(pid !== undefined && { pid }) }),
  alerts: ([pid]) => ({ path: "/debug/alerts", ...(pid !== undefined && { pid }) }),
  sampling: ([ratio], options) => overrideRequest("/debug/sampling", ratio, options),
  "log-level"(args, options) {
    const [last] = args.slice(-1);
    const value =
      args.length === 2 || (last !== undefined && [...LEVELS, RESET].includes(last)) ? args.pop() : undefined;
    const [subsystem] = args;
    const path = `/debug/log-level${subsystem === undefined ? "" : `/${encodeURIComponent(subsystem)}`}`;
    return overrideRequest(path, value, options);
  },
};

const MAX_ARGUMENTS: Readonly<Record<string, number>> = { "log-level": 2, ps: 0 };

function pidOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,10}$/.test(text)) throw new Problem(`${text} is not the number of a process`);
  return Number(text);
}

async function listProcesses(targets: readonly Target[], isJson: boolean): Promise<void> {
  const listed = await listAll(targets);
  if (isJson) return print(JSON.stringify(listed, undefined, 2));
  if (listed.length === 0) throw new Problem(NONE);
  print(table(listed));
}

/** Rewrites files with queries. */
function migrateQueries(files: readonly string[], { check = false, from, list }: Options): void {
  if (files.length === 0) throw new Problem("migrate-queries needs the files to rewrite; see stratascope --help");
  const { lines, isChanged } = migrateFiles(files, { isDryRun: check, from, list });
  print(lines.join("\n"));
  if (check && isChanged) process.exitCode = 1;
}

async function run(command: string, args: string[], options: Options): Promise<void> {
  if (command === "migrate-queries") return migrateQueries(args, options);
  if (args.length > (MAX_ARGUMENTS[command] ?? 1))
    throw new Problem(`${command} takes fewer arguments; see stratascope --help`);
  const targets = targetsIn(socketFolder(options.folder ?? ""));
  if (command === "ps") return listProcesses(targets, options.json === true);
  if (!Object.hasOwn(COMMANDS, command))
    throw new Problem(`there is no command ${command}; stratascope --help lists them`);
  const asked = COMMANDS[command]!(args, options);
  const { socket } = await choose(targets, pidOf(options.pid ?? asked.pid));
  const { status, body } = await ask(socket, asked);
  if (status !== 200) throw new Problem(String(body["error"] ?? `answered ${status}`));
  print(JSON.stringify(body, undefined, 2));
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      pid: { type: "string" },
      for: { type: "string" },
      folder: { type: "string" },
      json: { type: "boolean" },
      check: { type: "boolean" },
      from: { type: "string" },
      list: { type: "string" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean", short: "v" },
    },
  });
  const [command, ...args] = positionals;
  if (values.version === true) return print(SCOPE.version);
  if (values.help === true || command === undefined || command === "help") return void process.stdout.write(HELP);
  await run(command, args, values);
}

try {
  await main();
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  process.stderr.write(
    `stratascope: ${printable(code === "EACCES" ? `${message}: it belongs to another user` : message)}\n`,
  );
  process.exitCode = 1;
}
