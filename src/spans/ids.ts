const bytes = Buffer.allocUnsafeSlow(16);
const words = new DataView(bytes.buffer);

/** Returns 32 random bits, from the source that the SDK uses for its ids. */
export const randomWord = (): number => Math.floor(Math.random() * 2 ** 32);

/** Returns a random trace id. The XOR of its four words, by which ratio samplers decide, is `decisive`. */
export function traceIdOf(decisive: number): string {
  const [first, second, third] = [randomWord(), randomWord(), randomWord()];
  words.setUint32(0, first);
  words.setUint32(4, second);
  words.setUint32(8, third);
  words.setUint32(12, first ^ second ^ third ^ decisive);
  return bytes.toString("hex");
}

/** Returns a random span id. */
export function randomSpanId(): string {
  words.setUint32(0, randomWord());
  words.setUint32(4, randomWord());
  return bytes.toString("hex", 0, 8);
}
