import { syncBuiltinESMExports } from "node:module";
import { dirname } from "node:path";
import type { Worker, WorkerOptions } from "node:worker_threads";
import { log, warnOnce } from "../runtime/self-log.ts";
import { workerThreads } from "../runtime/thread.ts";

type Args = [file: unknown, options?: WorkerOptions, ...rest: unknown[]];

/** File that workers preload; undefined if the application starts stratascope itself. */
let preload: string | undefined;
/** Options at the start: the application can modify them, which Node.js ignores. */
const execArgv = [...process.execArgv];
/** True if each worker without options of its own inherits ours. */
let isInherited = false;

/** Sets the file that workers preload. */
export function preloadInWorkers(file: string): void {
  preload = file;
  const isOurs = (name = ""): boolean => name.includes("stratascope/register") || name.startsWith(dirname(file));
  isInherited = execArgv.some((option, i) => {
    const required = /^(?:-r|--require)(?:=(.*))?$/.exec(option);
    return required !== null && isOurs(required[1] ?? execArgv[i + 1]);
  });
}

/**
 * Preloads stratascope in workers that would not inherit it: those with options or an environment of their own, and
 * those run from code if stratascope was loaded by `--import`. Others inherit our `--require` from Node.js.
 */
export function watchWorkers(): void {
  const threads = workerThreads() as { Worker: typeof Worker };
  if (preload === undefined) return;
  const observed = new Proxy(threads.Worker, { construct: start });
  threads.Worker.prototype.constructor = observed;
  threads.Worker = observed;
  syncBuiltinESMExports();
}

/** Error code with which Node.js refuses options that apply to the whole process. */
const REFUSED = "ERR_WORKER_INVALID_EXEC_ARGV";

function start(target: typeof Worker, args: unknown[], newTarget: typeof Worker): Worker {
  const ours = withPreload(args as Args);
  if (ours === undefined) return Reflect.construct(target, args, newTarget) as Worker;
  try {
    return Reflect.construct(target, ours, newTarget) as Worker;
  } catch (error) {
    if ((error as { code?: unknown } | undefined)?.code !== REFUSED) throw error;
  }
  const worker = Reflect.construct(target, args, newTarget) as Worker;
  warnOnce(
    "[workers] a worker has an environment or code of its own, and may not be observed: Node.js was given options that a worker cannot have; put --require stratascope/register before them, not into NODE_OPTIONS",
  );
  return worker;
}

/** Returns the arguments to start a worker with; undefined if they are unchanged. */
function withPreload([file, options, ...rest]: Args): Args | undefined {
  const own = execArgvOf(options);
  if (own === undefined) return undefined;
  // All other options, getters included, are preserved.
  const changed = Object.create(options!, { execArgv: { value: [...own, `--require=${preload}`] } }) as WorkerOptions;
  return [file, changed, ...rest];
}

/** Returns the options of a worker to which Node.js does not pass our preload; undefined for any other worker. */
function execArgvOf(options: WorkerOptions | undefined): readonly string[] | undefined {
  try {
    if (typeof options !== "object" || options === null) return undefined;
    if (Array.isArray(options.execArgv)) return options.execArgv;
    if (isInherited) return undefined;
    const hasOwn = (typeof options.env === "object" && options.env !== null) || options.eval === true;
    return hasOwn && options.execArgv === undefined && !execArgv.some(isCode) ? execArgv : undefined;
  } catch (error) {
    log.debug(`[workers] the options of a worker could not be read: ${String(error)}`);
    return undefined;
  }
}

/** Tells whether an option contains code, as with `node -e`. */
const isCode = (option: string): boolean => /^(-[ep]+|--eval|--print)(=|$)/.test(option);
