import { deserialize, serialize } from "node:v8";

/** Size of a ring buffer in bytes; unused parts occupy no memory. */
const SIZE = 1024 * 1024;

/** Bytes from which it counts as filling. */
const FILLING_BYTES = SIZE / 4;

/** Bytes before the buffer itself: the positions of writing and reading. */
const HEAD = 8;
const WRITTEN = 0;
const READ = 1;

/** Size of a message's length field; each message begins with one, aligned to its size. */
const WORD = 4;
/** Value in place of a length: the next message is at the start of the buffer. */
const WRAP = 0xffffffff;

/**
 * Ring buffer for messages from one thread to another, in shared memory: neither side waits for an event loop or for
 * the other thread.
 */
export class Ring {
  readonly buffer: SharedArrayBuffer;
  readonly #positions: Int32Array;
  readonly #lengths: Uint32Array;
  readonly #bytes: Buffer;
  #isFilling = false;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEAD + SIZE)) {
    this.buffer = buffer;
    this.#positions = new Int32Array(buffer, 0, HEAD / Int32Array.BYTES_PER_ELEMENT);
    this.#lengths = new Uint32Array(buffer, HEAD);
    this.#bytes = Buffer.from(buffer, HEAD);
  }

  /**
   * Writes a message.
   * @returns false if there was no room
   */
  write(message: unknown): boolean {
    const bytes = encode(message);
    const length = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
    const size = WORD + Math.ceil(length / WORD) * WORD;
    const at = this.#room(size);
    if (at === undefined) return false;
    this.#lengths[at / WORD] = length;
    if (typeof bytes === "string") this.#bytes.write(bytes, at + WORD);
    else this.#bytes.set(bytes, at + WORD);
    Atomics.store(this.#positions, WRITTEN, at + size);
    return true;
  }

  /** Tells whether enough data has accumulated since the last call that it should be read soon. */
  beginsToFill(): boolean {
    const wasFilling = this.#isFilling;
    const waiting = Atomics.load(this.#positions, WRITTEN) - Atomics.load(this.#positions, READ);
    this.#isFilling = (waiting < 0 ? waiting + SIZE : waiting) > FILLING_BYTES;
    return this.#isFilling && !wasFilling;
  }

  /** Removes and returns the oldest message; undefined if there is none. */
  read(): unknown {
    let at = Atomics.load(this.#positions, READ);
    if (at === Atomics.load(this.#positions, WRITTEN)) return undefined;
    if (this.#lengths[at / WORD] === WRAP) at = 0;
    const length = this.#lengths[at / WORD]!;
    const message = decode(this.#bytes.subarray(at + WORD, at + WORD + length));
    Atomics.store(this.#positions, READ, at + WORD + Math.ceil(length / WORD) * WORD);
    return message;
  }

  /**
   * Returns the position of a contiguous free area of the given size. Writing never catches up with reading, as equal
   * positions mean that the buffer is empty.
   */
  #room(size: number): number | undefined {
    const written = Atomics.load(this.#positions, WRITTEN);
    const read = Atomics.load(this.#positions, READ);
    const end = this.#bytes.length - WORD;
    if (written < read) return written + size < read ? written : undefined;
    if (written + size <= end) return written;
    if (size >= read) return undefined;
    this.#lengths[written / WORD] = WRAP;
    return 0;
  }
}

/** Encodes a message as JSON, which is several times faster, if that loses nothing. */
const encode = (message: unknown): string | Buffer => (isPlain(message) ? JSON.stringify(message) : serialize(message));

/**
 * Decodes a message. One that is not JSON begins with a byte that no text begins with. Its arrays would be views of the
 * bytes, so the bytes are copied.
 */
const decode = (bytes: Buffer): unknown =>
  bytes[0] === 0xff ? deserialize(Buffer.from(bytes)) : (JSON.parse(bytes.toString("utf8")) as unknown);

function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
}
