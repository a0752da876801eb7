const bytes = Buffer.allocUnsafeSlow(16);
const words = new DataView(bytes.buffer);

/** 32 random bits, from the source the ids of the SDK are from. */
export const randomWord = (): number => Math.floor(Math.random() * 2 ** 32);

/** A random trace id. Combined by XOR, which is what samplers of a ratio decide by, its four words are a given one. */
export function traceIdOf(decisive: number): string {
  const [first, second, third] = [randomWord(), randomWord(), randomWord()];
  words.setUint32(0, first);
  words.setUint32(4, second);
  words.setUint32(8, third);
  words.setUint32(12, first ^ second ^ third ^ decisive);
  return bytes.toString("hex");
}

/** A random span id. */
export function randomSpanId(): string {
  words.setUint32(0, randomWord());
  words.setUint32(4, randomWord());
  return bytes.toString("hex", 0, 8);
}
