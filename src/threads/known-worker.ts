import { ATTR_THREAD_ID, ATTR_THREAD_NAME } from "../../semconv/index.ts";
import type { Definition } from "../metrics/definition.ts";
import { hotMetrics, type Instrument } from "../metrics/instruments.ts";
import type { Hello } from "./channel.ts";
import { Page } from "./pages.ts";
import { Ring } from "./ring.ts";
import { theOne } from "./scopes.ts";
import type { Origin } from "./transit.ts";

/** A worker as the main thread knows it. */
export class KnownWorker {
  readonly parent: number;
  readonly origin: Origin;
  /** What it ended. */
  readonly ring: Ring;
  readonly #answer: Int32Array;
  readonly #pages: Page[] = [];
  readonly #instruments: Instrument[] = [];
  readonly #letGo: (() => void)[] = [];

  constructor({ thread, parent, name, ring, answer }: Hello) {
    this.parent = parent;
    this.origin = { [ATTR_THREAD_ID]: thread, [ATTR_THREAD_NAME]: name };
    this.ring = new Ring(ring);
    this.#answer = new Int32Array(answer);
  }

  addPage(page: SharedArrayBuffer): void {
    this.#pages.push(new Page(page));
  }

  /** Whether what it polls is as it was at a question, or later. */
  hasAnswered(question: number): boolean {
    return Atomics.load(this.#answer, 0) >= question;
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
    this.update();
    for (const letGo of this.#letGo) letGo();
  }
}

const instrumentOf = ({ scope, ...definition }: Definition): Instrument =>
  hotMetrics.instrument(scope === undefined ? definition : { ...definition, scope: theOne(scope) });
