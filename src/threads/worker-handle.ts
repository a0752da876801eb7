import { ATTR_THREAD_ID, ATTR_THREAD_NAME } from "../../semconv/index.ts";
import type { Definition } from "../metrics/definition.ts";
import { hotMetrics, type Instrument } from "../metrics/registry.ts";
import { say, type WorkerStarted, type Message } from "./messages.ts";
import { Page } from "../metrics/shared-memory.ts";
import { Ring } from "./ring-buffer.ts";
import { internScope } from "./scopes.ts";
import type { Origin } from "./serialize.ts";

/** A worker as the main thread knows it. */
export class WorkerHandle {
  readonly parent: number;
  readonly origin: Origin;
  /** What it ended. */
  readonly ring: Ring;
  readonly #thread: number;
  readonly #answer: Int32Array;
  /** The last question it was asked. */
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

  /** Has it bring up to date what it polls. One that has not come to the question before is not asked again. */
  ask(question: number): void {
    if (!this.hasAnswered) return;
    this.#asked = question;
    this.say({ question });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether it was asked before. */
  get isAsked(): boolean {
    return this.#asked > 0;
  }

  /** Whether what it polls is as it was when it was asked last, or later. */
  get hasAnswered(): boolean {
    return Atomics.load(this.#answer, 0) >= this.#asked;
  }

  /** Takes in the series it has begun. @returns the threads that have ended, as far as it knows */
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

  /** It has ended: what it counted stays, its memory does not. */
  end(): void {
    this.#hasEnded = true;
    this.update();
    for (const letGo of this.#letGo) letGo();
  }
}

const instrumentOf = ({ scope, ...definition }: Definition): Instrument =>
  hotMetrics.instrument(scope === undefined ? definition : { ...definition, scope: internScope(scope) });
