import type { BroadcastChannel, MessagePort } from "node:worker_threads";
import { OPTIONS, type Config } from "../config/index.ts";
import { HEALTH_OPTIONS } from "../config/health-options.ts";
import type { LogThreshold } from "../config/log-level.ts";
import { SCOPE } from "../runtime/package-info.ts";
import { isMainThread, workerThreads } from "../runtime/thread.ts";
import { guard } from "./attempt.ts";

/** Number of the main thread. */
export const MAIN = 0;

/**
 * Prefix of the channels on which the threads of a process communicate, independent of how they were started; different
 * versions of this package use different channels.
 */
const NAME = `${SCOPE.name}/${SCOPE.version}`;

/** Message that a worker has started. */
export interface WorkerStarted {
  readonly thread: number;
  /** The thread that started it. */
  readonly parent: number;
  readonly name: string;
  /** Ring buffer to which it writes ended telemetry. */
  readonly ring: SharedArrayBuffer;
  /** Memory to which it writes the number of the last poll it replied to. */
  readonly answer: SharedArrayBuffer;
}

/** Message that a worker has added a page of series. */
interface MorePages {
  readonly thread: number;
  readonly page: SharedArrayBuffer;
}

/** Message that a worker's ring buffer fills up faster than it is read. */
interface Filling {
  readonly isFilling: true;
}

/** Request at a collection of the main thread: workers are to update the values they poll. */
interface PollRequest {
  readonly poll: number;
}

/** Message that the application requests a port in a worker, which waits until the main thread has released it. */
interface PortWanted {
  readonly port: number;
  /** Set to 1, and notified, when it is released. */
  readonly isLeft: SharedArrayBuffer;
}

/** Change of the ratio of new traces that are sampled. */
interface Resampled {
  readonly ratio: number;
}

/** Change of the level of a subsystem's loggers; undefined if it has no level of its own. */
interface Relevelled {
  readonly subsystem: string;
  readonly level: LogThreshold | undefined;
}

/** Setting that is overridden in all threads. */
export type SettingOverride = (Resampled | Relevelled) & {
  /** True if it is overridden temporarily, false if the configured value applies. */
  readonly isChanged: boolean;
};

export type Message = WorkerStarted | MorePages | Filling | PollRequest | PortWanted | SettingOverride;

/** Configuration of a worker at its start, which it passes on to workers it starts itself. */
export interface WorkerConfig {
  /** The thread that started it. */
  readonly parent: number;
  readonly config: Config;
  /** Shared memory with the state of files. */
  readonly files: SharedArrayBuffer;
}

/** Returns the configuration passed to this worker; undefined if the thread that started it is not instrumented. */
export const inherited = (): WorkerConfig | undefined =>
  isMainThread ? undefined : (workerThreads().getEnvironmentData(NAME) as WorkerConfig | undefined);

/** Pattern of settings for functions that only the main thread performs: export, spool, listeners, alerts. */
const OF_MAIN_THREAD = /endpoint|spool|configFile/i;

/**
 * Tells whether workers receive a setting: a worker may run code that is not trusted with secrets, nor with the
 * endpoints they are for.
 */
const isForWorkers = (name: string): boolean =>
  OPTIONS[name as keyof Config]?.kind.isSecret !== true && !OF_MAIN_THREAD.test(name) && !(name in HEALTH_OPTIONS);

export function publishConfig({ config, ...rest }: WorkerConfig): void {
  const reported = Object.fromEntries(Object.entries(config).filter(([name]) => isForWorkers(name))) as Config;
  workerThreads().setEnvironmentData(NAME, { ...rest, config: reported });
}

const nameOf = (thread: number): string => `${NAME}/${thread}`;

/**
 * Receiver of messages for a thread. Each thread has a channel of its own: a blocked worker never reads its messages,
 * and would retain those for other threads as long as it is blocked. It keeps no thread alive.
 */
class Inbox {
  readonly #channel: BroadcastChannel;

  constructor(thread: number, hear: (message: Message) => void) {
    this.#channel = new (workerThreads().BroadcastChannel)(nameOf(thread));
    const { addEventListener, unref } = this.#channel as unknown as Untyped;
    const port = portOf(this.#channel);
    if (port !== undefined) port.removeAllListeners("message").on("message", guard.callback(hear));
    else {
      const listener = guard.callback(({ data }: { readonly data: Message }) => hear(data));
      addEventListener.call(this.#channel, "message", listener);
    }
    unref.call(this.#channel);
  }

  /** Returns the next message before the event loop delivers it. */
  next(): Message | undefined {
    const received = workerThreads().receiveMessageOnPort(this.#channel as unknown as MessagePort);
    return received?.message as Message | undefined;
  }
}

/**
 * Returns the port that underlies a channel, if Node.js exposes it. Listening on the port avoids the events of the
 * channel: for the first of them Node.js loads undici, which takes 50 ms in each thread.
 */
function portOf(channel: BroadcastChannel): MessagePort | undefined {
  const handle = Object.getOwnPropertySymbols(channel).find(({ description }) => description === "kHandle");
  const port = (channel as unknown as Record<symbol, MessagePort | undefined>)[handle ?? Symbol("none")];
  return typeof port?.removeAllListeners === "function" ? port : undefined;
}

/** Inbox of this thread, which lives as long as the thread. */
let inbox: Inbox | undefined;

/**
 * Opens the inbox of this thread.
 * @param hear called with the messages that the event loop delivers
 */
export function openInbox(thread: number, hear: (message: Message) => void): Inbox {
  inbox ??= new Inbox(thread, hear);
  return inbox;
}

/**
 * Sends a message to another thread. It is available at once, and the sender's channel is closed, so that it receives
 * no messages itself.
 */
export function say(thread: number, message: Message): void {
  const channel = new (workerThreads().BroadcastChannel)(nameOf(thread));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  channel.postMessage(message);
  channel.close();
}

/** Methods missing from the type definitions of Node.js. */
interface Untyped {
  addEventListener(event: "message", listener: (event: { readonly data: Message }) => void): void;
  unref(): void;
}
