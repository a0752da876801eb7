import { ATTR_THREAD_ID, ATTR_THREAD_NAME } from "../../semconv/index.ts";
import type { Definition } from "../metrics/definition.ts";
import { metricRegistry, type Instrument } from "../metrics/registry.ts";
import { say, type WorkerStarted, type Message } from "./messages.ts";
import { Page } from "../metrics/shared-memory.ts";
import { Ring } from "./ring-buffer.ts";
import { internScope } from "./scopes.ts";
import type { Origin } from "./serialize.ts";

/** Worker as seen by the main thread. */
export class WorkerHandle {
  readonly parent: number;
  readonly origin: Origin;
  /** The ring buffer with its ended telemetry. */
  readonly ring: Ring;
  readonly #thread: number;
  readonly #answer: Int32Array;
  /** Number of the last poll that was sent to it. */
  #asked = 0;
  #hasEnded = false;
  readonly #pages: Page[] = [];
  readonly #instruments: Instrument[] = [];
  readonly #letGo: (() => void)[] = [];

  constructor({ thread, parent, name, ring, answer }: WorkerStarted) {
    this.#thread = thread;
    this.parent = parent;
    this.origin = { [ATTR_THREAD_ID]: thread, [ATTR_THREAD_NAME]: name };
    this.ring = new Ring(ring);
    this.#answer = new Int32Array(answer);
  }

  addPage(page: SharedArrayBuffer): void {
    this.#pages.push(new Page(page));
  }

  say(message: Message): void {
    say(this.#thread, message);
  }

  /**
   * Requests the worker to update the values it polls. A worker that has not replied to the previous request does not
   * receive another.
   */
  ask(poll: number): void {
    if (!this.hasAnswered) return;
    this.#asked = poll;
    this.say({ poll });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Tells whether the worker was polled before. */
  get isAsked(): boolean {
    return this.#asked > 0;
  }

  /** Tells whether its polled values are at least as recent as the last request. */
  get hasAnswered(): boolean {
    return Atomics.load(this.#answer, 0) >= this.#asked;
  }

  /**
   * Adds the series it has created.
   * @returns the threads that it knows to have ended
   */
  update(): number[] {
    return this.#pages.flatMap((page) =>
      page.read().flatMap(({ note, numbers }) => {
        if ("ended" in note) return [note.ended];
        if ("definition" in note) this.#instruments.push(instrumentOf(note.definition));
        else this.#letGo.push(this.#instruments[note.instrument]!.share(note.attributes, note.startTime, numbers));
        return [];
      }),
    );
  }

  /** Records its end: its counts are retained, its memory is released. */
  end(): void {
    this.#hasEnded = true;
    this.update();
    for (const letGo of this.#letGo) letGo();
  }
}

const instrumentOf = ({ scope, ...definition }: Definition): Instrument =>
  metricRegistry.instrument(scope === undefined ? definition : { ...definition, scope: internScope(scope) });
