import type { default as openTelemetry } from "@opentelemetry/api";
import { Guard } from "../runtime/guard.ts";
import { log } from "../runtime/self-log.ts";
import { PLACE } from "../context/active.ts";
import { holder, later, versionOf, versionOfCaller, type ApiRegistrations } from "./api-copies.ts";

/** Registrations of an SDK in the API, with their names in the log. */
const SLOTS = {
  trace: "traces",
  metrics: "metrics",
  logs: "logs",
  context: "context",
  propagation: "propagation",
} as const;
export type Slot = keyof typeof SLOTS;

/** Guard between our registrations in the API and the application. */
export const guard: Guard = new Guard("OpenTelemetry API");

/** Active registration of ours. */
interface Registration {
  readonly value: unknown;
  readonly yielded: (theirs: unknown) => void;
}

/**
 * Registers our objects in such a way that an application which registers its own succeeds, as it would without us: the
 * API refuses a second registration with a warning if it finds a first one.
 *
 * A copy of the API that registers something assigns the global object to itself, then reads the existing registration
 * and the version, then writes. Only a registration begins with that assignment. From there on, the copy is shown
 * neither a registration of ours nor a version other than its own.
 */
class Guest {
  readonly #place: ApiRegistrations;
  readonly #ours = new Map<Slot, Registration>();
  /** The version of the copy of the API in which we register. */
  readonly #own: string;
  /** The version that is exposed: the latest of all copies that have registered something. */
  #shown: string;
  #isRegistering = false;
  /** True if a copy of the API is about to register something. */
  #isAsked = false;
  /** The slot it registers, among those that are ours. */
  #contested: Slot | undefined;
  #lost = new Set<Slot>();

  constructor(api: Pick<typeof openTelemetry, "propagation">) {
    this.#own = versionOf(api);
    const { version = this.#own, ...present } = holder[PLACE] ?? {};
    this.#shown = later(version, this.#own);
    this.#place = Object.defineProperty(present as Partial<ApiRegistrations> as ApiRegistrations, "version", {
      get: () => this.#version(),
      enumerable: true,
      configurable: true,
    });
    Object.defineProperty(holder, PLACE, {
      get: () => {
        if (this.#isAsked) this.#settle();
        return this.#place;
      },
      set: (place: ApiRegistrations) => {
        if (place !== this.#place) Object.defineProperty(holder, PLACE, { value: place, writable: true });
        else if (!this.#isRegistering) this.#ask();
      },
      enumerable: true,
      configurable: true,
    });
  }

  /**
   * Registers an object, unless the application has registered its own before.
   * @returns true if it is registered
   */
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
    // The registration is for another slot.
    if (this.#contested === undefined) this.#settle();
    return version;
  }

  /** Hides our registrations from a copy of the API for the one check it makes before it registers something. */
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
    // In case it does not register anything after all.
    queueMicrotask(guard.callback(() => this.#settle()));
  }

  #settle(): void {
    if (!this.#isAsked) return;
    this.#isAsked = false;
    for (const [slot, { value }] of this.#ours)
      if (Object.getOwnPropertyDescriptor(this.#place, slot)?.get !== undefined)
        Object.defineProperty(this.#place, slot, { value, writable: true, enumerable: true, configurable: true });
  }

  /** Logs in one line which objects the application has registered itself. */
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
 * Registers an object of ours until the application registers its own.
 * @param register registers it in the API
 * @param yielded called once the application has registered its own
 * @returns true if it is registered
 */
// oxlint-disable-next-line max-params -- each is needed once
export const registerAsGuest = (
  api: Pick<typeof openTelemetry, "propagation">,
  slot: Slot,
  register: () => unknown,
  yielded: (theirs: unknown) => void = () => {},
): boolean => (guest ??= new Guest(api)).register(slot, register, yielded);

/** Tells whether the current registration is ours. */
export const isRegistered = (slot: Slot): boolean => guest?.has(slot) === true;
