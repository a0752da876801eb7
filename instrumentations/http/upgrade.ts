import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Scheme } from "./addresses.ts";
import { guard } from "./guard.ts";
import type { RequestContext, Upgrade } from "./request-context.ts";
import { ServerExchange } from "./server-exchange.ts";

/** What a stream is called with by its own class when something is written to it or it is destroyed. */
type Hook = "_destroy" | "_write" | "_writev";
type Hooked = Record<Hook, (...args: unknown[]) => unknown>;
const HOOKS: readonly Hook[] = ["_write", "_writev", "_destroy"];

/** What the application was asked in for connections that no message has come in over. */
const upgrades = new WeakMap<Duplex, RequestContext>();

/** Takes what is kept of the request that a connection was upgraded by; undefined for one that is not followed. */
export function takeUpgrade(socket: Duplex): Upgrade | undefined {
  const upgrade = upgrades.get(socket)?.upgrade;
  upgrades.delete(socket);
  return upgrade;
}

/** Status line of HTTP/1. */
const STATUS_LINE = /^HTTP\/1\.\d (\d{3})\b/;
const MAX_STATUS_LINE = 16;

/**
 * A request whose connection was handed to the application, to speak another protocol: an upgrade, or CONNECT. It is
 * over when the application has answered it; what the connection is used for later is no HTTP.
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

  /** There is no response that emits events. */
  saw(): void {}

  protected status(): number | undefined {
    return this.#status;
  }

  protected isWhole(): boolean {
    return this.#isAnswered;
  }
}

/**
 * Reports the first bytes that are written to a socket, or that it was destroyed before. Until then it has methods of
 * its own, which are not enumerable; a listener would be one of the application's.
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
    // A stream that cannot write several chunks at once has no such method, and shall not seem to have one.
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

/** The beginning of what is written: a chunk, or several of them. */
function textOf(written: unknown): string {
  const chunk: unknown = Array.isArray(written) ? (written[0] as { chunk: unknown }).chunk : written;
  if (typeof chunk === "string") return chunk.slice(0, MAX_STATUS_LINE);
  return chunk instanceof Uint8Array ? Buffer.from(chunk.subarray(0, MAX_STATUS_LINE)).toString("latin1") : "";
}
