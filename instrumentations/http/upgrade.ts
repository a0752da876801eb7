import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Scheme } from "./addresses.ts";
import { guard } from "./guard.ts";
import type { RequestContext, Upgrade } from "./request-context.ts";
import { ServerExchange } from "./server-exchange.ts";

/** Methods of a stream that its own class calls when the stream is written to or destroyed. */
type Hook = "_destroy" | "_write" | "_writev";
type Hooked = Record<Hook, (...args: unknown[]) => unknown>;
const HOOKS: readonly Hook[] = ["_write", "_writev", "_destroy"];

/** Contexts of the requests behind connections that have not received a message yet. */
const upgrades = new WeakMap<Duplex, RequestContext>();

/**
 * Removes and returns the retained part of the request that upgraded a connection; undefined for one that is not
 * instrumented.
 */
export function takeUpgrade(socket: Duplex): Upgrade | undefined {
  const upgrade = upgrades.get(socket)?.upgrade;
  upgrades.delete(socket);
  return upgrade;
}

/** Status line of HTTP/1. */
const STATUS_LINE = /^HTTP\/1\.\d (\d{3})\b/;
const MAX_STATUS_LINE = 16;

/**
 * Request whose connection was handed to the application, to speak another protocol: an upgrade, or CONNECT. It ends
 * when the application has answered it; later use of the connection is not HTTP.
 */
export class UpgradeExchange extends ServerExchange {
  #status: number | undefined;
  #isAnswered = false;

  constructor(scheme: Scheme, request: IncomingMessage, socket: Duplex) {
    super(scheme, request);
    upgrades.set(socket, this.context);
    onFirstUse(socket as unknown as Hooked, (text) => {
      if (text !== undefined) {
        this.#isAnswered = true;
        const digits = STATUS_LINE.exec(text)?.[1];
        this.#status = digits === undefined ? undefined : Number(digits);
      }
      this.end();
    });
  }

  /** Does nothing: no response emits events. */
  onEvent(): void {}

  protected status(): number | undefined {
    return this.#status;
  }

  protected isWhole(): boolean {
    return this.#isAnswered;
  }
}

/**
 * Reports the first bytes written to a socket, or that it was destroyed before. Until then the socket has own methods,
 * which are not enumerable; a listener would be visible among those of the application.
 */
function onFirstUse(socket: Hooked, used: (text: string | undefined) => void): void {
  const replaced = new Map<Hook, { readonly hook: unknown; readonly own: PropertyDescriptor | undefined }>();
  const restore = (): void => {
    for (const [name, { hook, own }] of replaced) {
      if (Object.getOwnPropertyDescriptor(socket, name)?.value !== hook) continue;
      if (own === undefined) delete (socket as Partial<Hooked>)[name];
      else Object.defineProperty(socket, name, own);
    }
  };
  for (const name of HOOKS) {
    const original = socket[name];
    // A stream that cannot write several chunks at once has no such method, and must not appear to have one.
    if (typeof original !== "function") continue;
    const hook = function (this: Hooked, ...args: unknown[]): unknown {
      guard.attempt(() => {
        restore();
        used(name === "_destroy" ? undefined : textOf(args[0]));
      });
      return Reflect.apply(original, this, args);
    };
    const own = Object.getOwnPropertyDescriptor(socket, name);
    Object.defineProperty(socket, name, {
      value: hook,
      enumerable: own?.enumerable ?? false,
      configurable: true,
      writable: true,
    });
    replaced.set(name, { hook, own });
  }
}

/** Returns the beginning of the written data: one chunk, or several. */
function textOf(written: unknown): string {
  const chunk: unknown = Array.isArray(written) ? (written[0] as { chunk: unknown }).chunk : written;
  if (typeof chunk === "string") return chunk.slice(0, MAX_STATUS_LINE);
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(0, MAX_STATUS_LINE)).toString("latin1") : "";
}
