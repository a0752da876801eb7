import type { Attributes, HrTime } from "@opentelemetry/api";
import type { Definition } from "./definition.ts";
import type { Memory, SeriesDescription } from "./memory.ts";

/** Bytes of a page, unless a note needs a larger one. */
const PAGE = 64 * 1024;

/** Bytes of the header, which contains the length of the text. */
const HEAD = 8;

/** Message from a thread. */
export type Note =
  /** A new instrument. Instruments are identified by their order. */
  | { readonly definition: Definition }
  /** A new series. The numbers contain what it records. */
  | { readonly instrument: number; readonly attributes: Attributes; readonly startTime: HrTime }
  /** A thread has ended: the writer itself, or one that it started. */
  | { readonly ended: number };

/** Note with its numbers. */
interface Entry {
  readonly note: Note;
  readonly numbers: Float64Array;
}

/** Shared memory that one thread writes and another reads. Notes grow from its start, their numbers from its end. */
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

  /**
   * Writes a note, which other threads see at once.
   * @returns its numbers; undefined if the page is full
   */
  write(note: Note, length: number): Float64Array | undefined {
    const end = this.#end - length * Float64Array.BYTES_PER_ELEMENT;
    const line = `${JSON.stringify([end, length, note])}\n`;
    if (this.#start + Buffer.byteLength(line) > end) return undefined;
    this.#start += this.#bytes.write(line, this.#start);
    this.#end = end;
    Atomics.store(this.#written, 0, this.#start);
    return new Float64Array(this.buffer, end, length);
  }

  /** Returns the notes that were written since the last call. */
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

/**
 * Shared memory of a thread whose numbers another thread adds up. They survive the end of the thread, however it ends.
 */
export class Pages implements Memory {
  readonly #pages: Page[] = [];
  readonly #instruments = new Map<Definition, number>();
  #publish: ((page: SharedArrayBuffer) => void) | undefined;

  /** Passes each page, present and future, to a reader. */
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
