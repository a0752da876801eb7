import type { BroadcastChannel, MessagePort } from "node:worker_threads";
import { OPTIONS, type Config } from "../config/index.ts";
import { HEALTH_OPTIONS } from "../config/health-options.ts";
import type { LogThreshold } from "../config/log-level.ts";
import { SCOPE } from "../runtime/package-info.ts";
import { isMainThread, workerThreads } from "../runtime/thread.ts";
import { guard } from "./attempt.ts";

/** The number of the main thread. */
export const MAIN = 0;

/** Threads of one process hear each other here, however they were started; of two versions each keeps to itself. */
const NAME = `${SCOPE.name}/${SCOPE.version}`;

/** A worker is there. */
export interface WorkerStarted {
  readonly thread: number;
  /** The thread that started it. */
  readonly parent: number;
  readonly name: string;
  /** Where it puts what it ends. */
  readonly ring: SharedArrayBuffer;
  /** Where it writes the number of the last question it answered. */
  readonly answer: SharedArrayBuffer;
}

/** A worker has one more page. */
interface MorePages {
  readonly thread: number;
  readonly page: SharedArrayBuffer;
}

/** What a worker has ended fills its ring faster than it is looked at. */
interface Filling {
  readonly isFilling: true;
}

/** The main thread collects: workers are to bring up to date what they poll. */
interface Question {
  readonly question: number;
}

/** The application asks for a port in a worker, which waits until the main thread has left it. */
interface PortWanted {
  readonly port: number;
  /** Set to 1, and notified, when it is left. */
  readonly isLeft: SharedArrayBuffer;
}

/** The share of new traces recorded. */
interface Resampled {
  readonly ratio: number;
}

/** What loggers of a subsystem write; undefined where they have no rule of their own. */
interface Relevelled {
  readonly subsystem: string;
  readonly level: LogThreshold | undefined;
}

/** What is adjusted for all threads at once. */
export type Adjusted = (Resampled | Relevelled) & {
  /** Whether it is changed for a time, and not as the settings say. */
  readonly isChanged: boolean;
};

export type Message = WorkerStarted | MorePages | Filling | Question | PortWanted | Adjusted;

/** What a worker knows from its start, and hands on to those it starts itself. */
export interface WorkerConfig {
  /** The thread that started it. */
  readonly parent: number;
  readonly config: Config;
  /** What is known of files. */
  readonly files: SharedArrayBuffer;
}

/** What this worker was told; undefined where the thread that started it is not observed. */
export const inherited = (): WorkerConfig | undefined =>
  isMainThread ? undefined : (workerThreads().getEnvironmentData(NAME) as WorkerConfig | undefined);

/** Settings of what the main thread does for all: sends, keeps, answers, alerts. */
const OF_MAIN_THREAD = /endpoint|spool|configFile/i;

/** A worker can be a place for code that is not to be trusted with secrets, nor with where they can be used. */
const isForWorkers = (name: string): boolean =>
  OPTIONS[name as keyof Config]?.kind.isSecret !== true && !OF_MAIN_THREAD.test(name) && !(name in HEALTH_OPTIONS);

export function publishConfig({ config, ...rest }: WorkerConfig): void {
  const told = Object.fromEntries(Object.entries(config).filter(([name]) => isForWorkers(name))) as Config;
  workerThreads().setEnvironmentData(NAME, { ...rest, config: told });
}

const nameOf = (thread: number): string => `${NAME}/${thread}`;

/**
 * What a thread is told. Each has a channel of its own: a worker that waits never takes what it is told, and would keep what
 * others say for as long. It keeps no thread alive.
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

  /** The next message, before the event loop comes to it. */
  next(): Message | undefined {
    const received = workerThreads().receiveMessageOnPort(this.#channel as unknown as MessagePort);
    return received?.message as Message | undefined;
  }
}

/**
 * The port below a channel, where Node.js has it. What is heard there needs none of the channel's events, for the first
 * of which Node.js loads undici: that takes 50 ms of each thread.
 */
function portOf(channel: BroadcastChannel): MessagePort | undefined {
  const handle = Object.getOwnPropertySymbols(channel).find(({ description }) => description === "kHandle");
  const port = (channel as unknown as Record<symbol, MessagePort | undefined>)[handle ?? Symbol("none")];
  return typeof port?.removeAllListeners === "function" ? port : undefined;
}

/** The one of this thread, as long as it lives. */
let inbox: Inbox | undefined;

/** @param hear told of what the event loop comes to */
export function openInbox(thread: number, hear: (message: Message) => void): Inbox {
  inbox ??= new Inbox(thread, hear);
  return inbox;
}

/** Tells another thread something. It is there at once, and nothing is left that would take what others say. */
export function say(thread: number, message: Message): void {
  const channel = new (workerThreads().BroadcastChannel)(nameOf(thread));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  channel.postMessage(message);
  channel.close();
}

/** What the types of Node.js leave out. */
interface Untyped {
  addEventListener(event: "message", listener: (event: { readonly data: Message }) => void): void;
  unref(): void;
}
