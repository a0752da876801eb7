/** Wire types of fields: https://protobuf.dev/programming-guides/encoding/#structure */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

/** Initial bytes of the buffer, and the largest size that is kept from one message to the next. */
const FIRST_SIZE = 1 << 16;
const LARGEST_KEPT = 1 << 20;

const encoder = new TextEncoder();

/**
 * Writer of a protobuf message from its last byte to its first. The length of a nested message is then known when it is
 * written in front of it, so that nothing has to be measured before or moved afterwards. The fields of a message have
 * to be written in reverse order.
 */
export class BackwardWriter {
  #bytes = new Uint8Array(FIRST_SIZE);
  #view = new DataView(this.#bytes.buffer);
  /** Index of the first byte. */
  #at = FIRST_SIZE;

  /** Returns the number of bytes written. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** Starts an empty message and discards earlier bytes. */
  begin(): void {
    if (this.#bytes.length > LARGEST_KEPT) this.#allocate(FIRST_SIZE);
    this.#at = this.#bytes.length;
  }

  /** Returns a copy of the message. */
  end(): Uint8Array {
    return this.#bytes.slice(this.#at);
  }

  /** Makes a field of everything that was written since the length was `since`. */
  message(field: number, since: number): void {
    this.#varint(this.length - since);
    this.#tag(field, LENGTH_DELIMITED);
  }

  /** Writes a whole number between -2^63 and 2^63. */
  integer(field: number, value: number): void {
    this.#varint(value);
    this.#tag(field, VARINT);
  }

  double(field: number, value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#tag(field, FIXED_64);
  }

  /**
   * Writes a number of 64 bits.
   * @param high upper half
   */
  fixed64(field: number, high: number, low: number): void {
    this.#reserve(8);
    this.#view.setUint32(this.#at, low, true);
    this.#view.setUint32(this.#at + 4, high, true);
    this.#tag(field, FIXED_64);
  }

  fixed32(field: number, value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#at, value, true);
    this.#tag(field, FIXED_32);
  }

  string(field: number, text: string): void {
    const { length } = text;
    this.#reserve(length);
    const [bytes, at] = [this.#bytes, this.#at];
    let all = 0;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      all |= code;
      bytes[at + i] = code;
    }
    if (all < 0x80) return this.message(field, this.length - length);
    this.#at += length;
    this.bytes(field, encoder.encode(text));
  }

  bytes(field: number, bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.message(field, this.length - bytes.length);
  }

  /** Writes bytes that are given as hexadecimal digits. */
  hex(field: number, digits: string): void {
    const length = digits.length >> 1;
    this.#reserve(length);
    for (let i = 0; i < length; i++)
      this.#bytes[this.#at + i] = (valueOf(digits.charCodeAt(2 * i)) << 4) | valueOf(digits.charCodeAt(2 * i + 1));
    this.message(field, this.length - length);
  }

  #tag(field: number, type: number): void {
    this.#varint((field << 3) | type);
  }

  #varint(value: number): void {
    if (value >= 0 && value < 0x80) {
      this.#reserve(1);
      this.#bytes[this.#at] = value;
    } else if (value > 0 && value <= 0xffffffff) this.#long(value);
    else this.#longest(BigInt.asUintN(64, BigInt(value)));
  }

  #long(value: number): void {
    const size = Math.ceil((32 - Math.clz32(value)) / 7);
    this.#reserve(size);
    const last = this.#at + size - 1;
    let rest = value;
    for (let at = this.#at; at < last; at++, rest >>>= 7) this.#bytes[at] = (rest & 0x7f) | 0x80;
    this.#bytes[last] = rest;
  }

  #longest(value: bigint): void {
    const digits = [];
    for (let rest = value; rest > 0n || digits.length === 0; rest >>= 7n) digits.push(Number(rest & 0x7fn) | 0x80);
    digits[digits.length - 1]! &= 0x7f;
    this.#reserve(digits.length);
    this.#bytes.set(digits, this.#at);
  }

  /** Reserves `size` bytes in front of the others. */
  #reserve(size: number): void {
    if (this.#at < size) this.#grow(size);
    this.#at -= size;
  }

  #grow(size: number): void {
    const message = this.end();
    this.#allocate(2 * Math.max(this.#bytes.length, message.length + size));
    this.#at = this.#bytes.length - message.length;
    this.#bytes.set(message, this.#at);
  }

  #allocate(size: number): void {
    this.#bytes = new Uint8Array(size);
    this.#view = new DataView(this.#bytes.buffer);
  }
}

/** Returns the value of a hexadecimal digit, given the code of its character. */
const valueOf = (code: number): number => (code & 0xf) + 9 * (code >> 6);
