import type { Attributes, HrTime } from "@opentelemetry/api";
import type { Definition } from "./definition.ts";
import type { Memory, SeriesDescription } from "./memory.ts";

/** Bytes of a page, unless something needs a larger one. */
const PAGE = 64 * 1024;

/** The first bytes of a page say how much of it is text. */
const HEAD = 8;

/** What a thread has to say. */
export type Note =
  /** It has one more instrument; they are known by their order. */
  | { readonly definition: Definition }
  /** It has one more series; the numbers are what it records. */
  | { readonly instrument: number; readonly attributes: Attributes; readonly startTime: HrTime }
  /** A thread has ended: it itself, or one that it started. */
  | { readonly ended: number };

/** A note, and where its numbers are. */
interface Entry {
  readonly note: Note;
  readonly numbers: Float64Array;
}

/** Memory that one thread writes and another one reads: notes from its start on, their numbers from its end on. */
export class Page {
  readonly buffer: SharedArrayBuffer;
  readonly #written: Int32Array;
  readonly #bytes: Buffer;
  #start = HEAD;
  #end: number;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(PAGE)) {
    this.buffer = buffer;
    this.#written = new Int32Array(buffer, 0, 1);
    this.#bytes = Buffer.from(buffer);
    this.#end = buffer.byteLength;
  }

  /** Writes a note that is there for others at once. @returns its numbers; undefined if there is no room */
  write(note: Note, length: number): Float64Array | undefined {
    const end = this.#end - length * Float64Array.BYTES_PER_ELEMENT;
    const line = `${JSON.stringify([end, length, note])}\n`;
    if (this.#start + Buffer.byteLength(line) > end) return undefined;
    this.#start += this.#bytes.write(line, this.#start);
    this.#end = end;
    Atomics.store(this.#written, 0, this.#start);
    return new Float64Array(this.buffer, end, length);
  }

  /** What was written since the last time. */
  read(): Entry[] {
    const end = Atomics.load(this.#written, 0);
    if (end <= this.#start) return [];
    const lines = this.#bytes.toString("utf8", this.#start, end - 1).split("\n");
    this.#start = end;
    return lines.map((line) => {
      const [offset, length, note] = JSON.parse(line) as [number, number, Note];
      return { note, numbers: new Float64Array(this.buffer, offset, length) };
    });
  }
}

/** The memory of a thread whose numbers another thread adds up: there they are safe from its end, however it comes. */
export class Pages implements Memory {
  readonly #pages: Page[] = [];
  readonly #instruments = new Map<Definition, number>();
  #publish: ((page: SharedArrayBuffer) => void) | undefined;

  /** Hands each page, of now and later, to who reads them. */
  publish(to: (page: SharedArrayBuffer) => void): void {
    this.#publish = to;
    for (const { buffer } of this.#pages) to(buffer);
  }

  allocate(length: number, { definition, attributes, startTime }: SeriesDescription): Float64Array {
    let instrument = this.#instruments.get(definition);
    if (instrument === undefined) {
      instrument = this.#instruments.size;
      this.#instruments.set(definition, instrument);
      this.write({ definition });
    }
    return this.write({ instrument, attributes, startTime }, length);
  }

  write(note: Note, length = 0): Float64Array {
    const numbers = this.#pages.at(-1)?.write(note, length);
    if (numbers !== undefined) return numbers;
    const needed = HEAD + length * Float64Array.BYTES_PER_ELEMENT + 2 * Buffer.byteLength(JSON.stringify(note));
    const page = new Page(new SharedArrayBuffer(Math.max(PAGE, Math.ceil(needed / PAGE) * PAGE)));
    this.#pages.push(page);
    this.#publish?.(page.buffer);
    return page.write(note, length)!;
  }
}
