import type { default as openTelemetry } from "@opentelemetry/api";
import { Guard } from "../runtime/guard.ts";
import { log } from "../runtime/self-log.ts";
import { PLACE } from "../context/active.ts";
import { holder, later, versionOf, versionOfCaller, type Place } from "./api-copies.ts";

/** What an SDK registers with the API, and what it is called. */
const SLOTS = {
  trace: "traces",
  metrics: "metrics",
  logs: "logs",
  context: "context",
  propagation: "propagation",
} as const;
export type Slot = keyof typeof SLOTS;

/** Stands between what is registered with the API and the application. */
export const guard: Guard = new Guard("OpenTelemetry API");

/** Something of ours that is registered. */
interface Registration {
  readonly value: unknown;
  readonly yielded: (theirs: unknown) => void;
}

/**
 * Registers what is ours so that an application which registers the same has its way, as it would without us: the API
 * refuses a second registration, and says so, where it finds a first one.
 *
 * A copy of the API that registers something assigns the place of all registrations to itself, then reads what is
 * registered so far and the version, then writes. It does the first for nothing else, so from there on it is shown
 * neither a registration of ours nor a version other than its own.
 */
class Guest {
  readonly #place: Place;
  readonly #ours = new Map<Slot, Registration>();
  /** The version of the copy of the API that we register with. */
  readonly #own: string;
  /** The version that is shown: the latest of all that have registered something. */
  #shown: string;
  #isRegistering = false;
  /** Whether a copy of the API is about to register something. */
  #isAsked = false;
  /** What it is, of all that is ours. */
  #contested: Slot | undefined;
  #lost = new Set<Slot>();

  constructor(api: Pick<typeof openTelemetry, "propagation">) {
    this.#own = versionOf(api);
    const { version = this.#own, ...present } = holder[PLACE] ?? {};
    this.#shown = later(version, this.#own);
    this.#place = Object.defineProperty(present as Partial<Place> as Place, "version", {
      get: () => this.#version(),
      enumerable: true,
      configurable: true,
    });
    Object.defineProperty(holder, PLACE, {
      get: () => {
        if (this.#isAsked) this.#settle();
        return this.#place;
      },
      set: (place: Place) => {
        if (place !== this.#place) Object.defineProperty(holder, PLACE, { value: place, writable: true });
        else if (!this.#isRegistering) this.#ask();
      },
      enumerable: true,
      configurable: true,
    });
  }

  /** @returns whether it is registered: what the application has registered before stays */
  register(slot: Slot, register: () => unknown, yielded: (theirs: unknown) => void): boolean {
    if (this.#place[slot] !== undefined) {
      this.#lose(slot);
      return false;
    }
    this.#isRegistering = true;
    try {
      register();
    } finally {
      this.#isRegistering = false;
    }
    const value = this.#place[slot];
    if (value !== undefined) this.#ours.set(slot, { value, yielded });
    return value !== undefined;
  }

  has(slot: Slot): boolean {
    return this.#ours.has(slot);
  }

  #version(): string {
    if (this.#isRegistering) return this.#own;
    if (!this.#isAsked) return this.#shown;
    const version = guard.attempt(versionOfCaller) ?? this.#shown;
    this.#shown = later(this.#shown, version);
    // It is something else that is registered.
    if (this.#contested === undefined) this.#settle();
    return version;
  }

  /** Hides what is ours from a copy of the API for the one look it takes before it registers something. */
  #ask(): void {
    this.#isAsked = true;
    this.#contested = undefined;
    for (const [slot, { value, yielded }] of this.#ours) {
      if (this.#place[slot] !== value) continue;
      Object.defineProperty(this.#place, slot, {
        get: () => {
          if (!this.#isAsked || this.#contested !== undefined) return value;
          this.#contested = slot;
          return undefined;
        },
        set: (theirs: unknown) => {
          this.#settle();
          this.#place[slot] = theirs;
          this.#ours.delete(slot);
          guard.attempt(() => yielded(theirs));
          guard.attempt(() => this.#lose(slot));
        },
        enumerable: true,
        configurable: true,
      });
    }
    // Where it does not register anything after all.
    queueMicrotask(guard.callback(() => this.#settle()));
  }

  #settle(): void {
    if (!this.#isAsked) return;
    this.#isAsked = false;
    for (const [slot, { value }] of this.#ours)
      if (Object.getOwnPropertyDescriptor(this.#place, slot)?.get !== undefined)
        Object.defineProperty(this.#place, slot, { value, writable: true, enumerable: true, configurable: true });
  }

  /** Tells in one line what the application has registered itself. */
  #lose(slot: Slot): void {
    if (this.#lost.size === 0) setImmediate(guard.callback(() => this.#report()));
    this.#lost.add(slot);
  }

  #report(): void {
    const all = [...this.#lost].map((slot) => SLOTS[slot]).join(", ");
    this.#lost = new Set();
    log.warn(
      `the application has an OpenTelemetry SDK of its own, which takes over ${all}; spans of stratascope go to it, metrics of stratascope stay where they are`,
    );
  }
}

let guest: Guest | undefined;

/**
 * Registers something of ours until the application registers the same.
 * @param register hands it to the API
 * @param yielded called once the application has registered its own
 * @returns whether it is registered
 */
// oxlint-disable-next-line max-params -- each is needed once
export const registerAsGuest = (
  api: Pick<typeof openTelemetry, "propagation">,
  slot: Slot,
  register: () => unknown,
  yielded: (theirs: unknown) => void = () => {},
): boolean => (guest ??= new Guest(api)).register(slot, register, yielded);

/** Tells whether what is registered is ours. */
export const isRegistered = (slot: Slot): boolean => guest?.has(slot) === true;
