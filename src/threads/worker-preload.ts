import { syncBuiltinESMExports } from "node:module";
import { dirname } from "node:path";
import type { Worker, WorkerOptions } from "node:worker_threads";
import { log, warnOnce } from "../runtime/self-log.ts";
import { workerThreads } from "../runtime/thread.ts";

type Args = [file: unknown, options?: WorkerOptions, ...rest: unknown[]];

/** The file that workers preload; undefined where the application starts us by itself. */
let preload: string | undefined;
/** As they were when we came: the application can change them, which Node.js does not follow. */
const execArgv = [...process.execArgv];
/** Whether each worker that has no options of its own has ours. */
let isInherited = false;

/** Has workers preload a file of ours. */
export function preloadInWorkers(file: string): void {
  preload = file;
  const isOurs = (name = ""): boolean => name.includes("stratascope/register") || name.startsWith(dirname(file));
  isInherited = execArgv.some((option, i) => {
    const required = /^(?:-r|--require)(?:=(.*))?$/.exec(option);
    return required !== null && isOurs(required[1] ?? execArgv[i + 1]);
  });
}

/**
 * Lets workers start with us that would start without: with options or an environment of their own, and those of code
 * where we came by `--import`. Others have our `--require` from Node.js.
 */
export function watchWorkers(): void {
  const threads = workerThreads() as { Worker: typeof Worker };
  if (preload === undefined) return;
  const observed = new Proxy(threads.Worker, { construct: start });
  threads.Worker.prototype.constructor = observed;
  threads.Worker = observed;
  syncBuiltinESMExports();
}

/** Node.js refuses options that concern the whole process. */
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

/** What a worker is to be started with; undefined where it is not to be changed. */
function withPreload([file, options, ...rest]: Args): Args | undefined {
  const own = execArgvOf(options);
  if (own === undefined) return undefined;
  // Whatever else there is, getters too, stays what it is.
  const changed = Object.create(options!, { execArgv: { value: [...own, `--require=${preload}`] } }) as WorkerOptions;
  return [file, changed, ...rest];
}

/** The options of a worker that Node.js does not give what preloads us. */
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

/** `node -e` has its code among the options. */
const isCode = (option: string): boolean => /^(-[ep]+|--eval|--print)(=|$)/.test(option);
