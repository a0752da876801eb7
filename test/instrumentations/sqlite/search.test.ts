import { join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { expect } from "chai";
import { describe, it } from "mocha";
import { getLoadablePath } from "sqlite-vec";
import { collect, copyOf, count, seriesWith, spansOf } from "../../helpers/observed.ts";
import { unregistered } from "../../helpers/registry.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

type Db = BetterSqlite3.Database;

const Database = copyOf<typeof BetterSqlite3>("better-sqlite3", true);
const Untouched = copyOf<typeof BetterSqlite3>("better-sqlite3", false);

const SCHEMA = `
  CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT, gloss TEXT);
  CREATE VIRTUAL TABLE words_fts USING fts5(word, gloss);
  CREATE VIRTUAL TABLE parts USING fts5(word, tokenize = 'trigram');
  CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
  CREATE VIEW glosses AS SELECT rowid AS id, gloss FROM words_fts WHERE words_fts MATCH 'animal';
  CREATE VIEW entries AS SELECT rowid AS id, * FROM words_fts AS inner_name;
`;
const WORDS = [
  ["cat", "a small animal"],
  ["catalogue", "a list of things"],
  ["dog", "an animal that barks"],
  ["dodo", "an extinct bird"],
] as const;

function fill(db: Db): Db {
  db.exec(SCHEMA);
  WORDS.forEach(([word, gloss], i) => {
    db.prepare("INSERT INTO words VALUES (?, ?, ?)").run(i + 1, word, gloss);
    db.prepare("INSERT INTO words_fts (rowid, word, gloss) VALUES (?, ?, ?)").run(i + 1, word, gloss);
    db.prepare("INSERT INTO parts (rowid, word) VALUES (?, ?)").run(i + 1, word);
    db.prepare("INSERT INTO boxes VALUES (?, ?, ?)").run(i + 1, i, i + 1);
  });
  return db;
}

const open = (namespace: string): Db => fill(new Database(join(temporaryFolder(), `${namespace}.db`)));

/** A query, its parameters, the index it searches and what it finds. */
type Case = readonly [title: string, sql: string, parameters: readonly unknown[], index: string, results: number];

const SEARCHES: readonly Case[] = [
  ["a word that is bound", "SELECT rowid FROM words_fts WHERE words_fts MATCH ?", ["animal"], "words_fts", 2],
  ["a named parameter", "SELECT rowid FROM words_fts WHERE words_fts MATCH @word", [{ word: "bird" }], "words_fts", 1],
  ["a word that is written", "SELECT rowid FROM words_fts WHERE words_fts MATCH 'bird'", [], "words_fts", 1],
  ["a prefix", "SELECT rowid FROM words_fts WHERE words_fts MATCH ?", ["cat*"], "words_fts", 2],
  [
    "one column",
    "SELECT rowid FROM words_fts WHERE gloss MATCH ? ORDER BY rank LIMIT ?",
    ["animal", 1],
    "words_fts",
    1,
  ],
  ["an equals sign", "SELECT rowid FROM words_fts WHERE words_fts = ?", ["bird"], "words_fts", 1],
  ["a call", "SELECT rowid FROM words_fts(?)", ["bird"], "words_fts", 1],
  ["nothing", "SELECT rowid FROM words_fts WHERE words_fts MATCH ?", ["zebra"], "words_fts", 0],
  [
    "an alias in a join",
    "SELECT w.word FROM words AS w JOIN words_fts AS idx ON idx.rowid = w.id WHERE words_fts MATCH ? -- why",
    ["animal"],
    "words_fts",
    2,
  ],
  [
    "an alias that is another table's name",
    "SELECT words.rowid FROM words_fts words, words AS x WHERE x.id = words.rowid AND words_fts MATCH ?",
    ["animal"],
    "words_fts",
    2,
  ],
  [
    "a left join",
    "SELECT f.gloss FROM words LEFT JOIN words_fts f ON f.rowid = id AND f.gloss MATCH ?",
    ["bird"],
    "words_fts",
    4,
  ],
  [
    "a subquery",
    "SELECT word FROM words WHERE id IN (SELECT rowid FROM words_fts WHERE words_fts MATCH ?)",
    ["animal"],
    "words_fts",
    2,
  ],
  [
    "a common table expression",
    "WITH found AS (SELECT rowid AS id FROM words_fts WHERE words_fts MATCH ?) SELECT * FROM found JOIN words USING (id)",
    ["animal"],
    "words_fts",
    2,
  ],
  ["a view", "SELECT * FROM glosses WHERE id < ?", [2], "words_fts", 1],
  ["a qualified name", 'SELECT rowid FROM main."words_fts" WHERE words_fts MATCH ?', ["bird"], "words_fts", 1],
  ["trigrams", "SELECT rowid FROM parts WHERE word LIKE ?", ["%ata%"], "parts", 1],
];

const OTHERS: readonly (readonly [title: string, sql: string])[] = [
  ["LIKE in a table", "SELECT * FROM words WHERE gloss LIKE '%animal%'"],
  ["LIKE in an index that has to be read whole for it", "SELECT * FROM words_fts WHERE gloss LIKE '%animal%'"],
  ["reading an index", "SELECT * FROM words_fts"],
  ["a row of an index", "SELECT * FROM words_fts WHERE rowid = 2"],
  ["rows of an index in a view", "SELECT * FROM entries WHERE id = 2"],
  ["a box", "SELECT * FROM boxes WHERE low > 1 AND high < 4"],
  ["a table of values", "SELECT value FROM json_each('[1, 2]')"],
  ["the word MATCH in a literal", "SELECT 'MATCH', word FROM words"],
  ["an explanation", "EXPLAIN QUERY PLAN SELECT * FROM words_fts WHERE words_fts MATCH 'animal'"],
  ["a pragma", "PRAGMA table_list"],
];

/** Durations counted and the results found, by index. */
async function seen(namespace: string): Promise<Record<string, readonly [searches: number, results: number]>> {
  const points = (await collect())
    .filter(({ descriptor }) => descriptor.name.startsWith("storage.search.") && !descriptor.name.includes("update"))
    .flatMap(({ descriptor, dataPoints }) => dataPoints.map((point) => ({ name: descriptor.name, ...point })))
    .filter(({ attributes }) => attributes["db.namespace"] === namespace);
  const found: Record<string, [number, number]> = {};
  for (const { name, attributes, value } of points) {
    const { count: n, sum = 0 } = value as { count: number; sum?: number };
    if (n === 0) continue;
    const key = [attributes["storage.search.index.name"], attributes["error.type"]].filter(Boolean).join(" ");
    found[key] ??= [0, 0];
    if (name === "storage.search.duration") found[key][0] += n;
    else found[key][1] += sum;
  }
  return found;
}

describe("searches in SQLite", () => {
  SEARCHES.forEach(([title, sql, parameters, index, results], i) => {
    it(`reports a search in ${title}`, async () => {
      const db = open(`search_${i}`);
      const query = db.prepare(sql);
      expect(query.all(...parameters)).to.have.length(results);
      query.get(...parameters);
      expect(Array.from(query.iterate(...parameters))).to.have.length(results);
      expect(await seen(`search_${i}`)).to.deep.equal({ [index]: [3, 2 * results + Math.min(results, 1)] });
      db.close();
    });
  });

  OTHERS.forEach(([title, sql], i) => {
    it(`reports none in ${title}`, async () => {
      const db = open(`other_${i}`);
      db.prepare(sql).all();
      expect(await seen(`other_${i}`)).to.deep.equal({});
      db.close();
    });
  });

  it("does not name an index that the statement does not name", async () => {
    const db = open("unnamed");
    expect(db.prepare("SELECT * FROM entries WHERE gloss MATCH ?").all("animal")).to.have.length(2);
    expect(await seen("unnamed")).to.deep.equal({ "": [1, 2] });
    db.close();
  });

  it("counts a search that failed, without results", async () => {
    const db = open("failing");
    const query = db.prepare("SELECT rowid FROM words_fts WHERE words_fts MATCH ?");
    const spans = spansOf(() => expect(() => query.all('"unclosed')).to.throw("unterminated string"));
    expect(await seen("failing")).to.deep.equal({ "words_fts SQLITE_ERROR": [1, 0] });
    expect(spans.map(({ name }) => name)).to.deep.equal(["search words_fts", "request"]);
    expect(spans[0]!.status.code).to.equal(2);
    expect(spans[0]!.attributes).to.include({ "error.type": "SQLITE_ERROR" });
    expect(spans[0]!.attributes).not.to.have.property("db.response.returned_rows");
    db.close();
  });

  it("creates one span for a search, in place of its statement's, inside its transaction's", () => {
    const db = open("spans of searches");
    const spans = spansOf(() => {
      db.transaction(() => db.prepare("SELECT word FROM words_fts WHERE words_fts MATCH 'animal'").all())();
    });
    // On a busy machine BEGIN and COMMIT can be slow enough for a span.
    const [search, transaction, ...others] = spans.filter(({ name }) => name !== "BEGIN" && name !== "COMMIT");
    expect([search!.name, transaction!.name, ...others.map(({ name }) => name)]).to.deep.equal([
      "search words_fts",
      "transaction spans of searches",
      "request",
    ]);
    expect(search!.parentSpanContext?.spanId).to.equal(transaction!.spanContext().spanId);
    expect(search!.attributes).to.deep.equal({
      "db.system.name": "sqlite",
      "db.namespace": "spans of searches",
      "db.query.summary": "SELECT words_fts",
      "db.query.text": "SELECT word FROM words_fts WHERE words_fts MATCH ?",
      "db.response.returned_rows": 2,
      "storage.search.type": "fulltext",
      "storage.search.index.name": "words_fts",
    });
    db.close();
  });

  it("follows tables that are dropped and created, also by another connection", async () => {
    const path = join(temporaryFolder(), "schema.db");
    const [db, other] = [new Database(path), new Database(path)];
    db.exec("CREATE TABLE notes (text)");
    db.prepare("SELECT * FROM notes").all();
    other.exec("DROP TABLE notes; CREATE VIRTUAL TABLE notes USING fts5(text)");
    db.prepare("INSERT INTO notes VALUES (?)").run("one");
    expect(db.prepare("SELECT * FROM notes WHERE notes MATCH ?").all("one")).to.have.length(1);
    db.exec("DROP TABLE notes");
    db.exec("CREATE TABLE notes (text, notes)");
    db.prepare("SELECT * FROM notes WHERE notes = ? AND 1").all("one");
    db.exec("DROP TABLE notes; CREATE VIRTUAL TABLE notes USING fts5(text)");
    db.prepare("SELECT * FROM notes WHERE notes = ? AND 2").all("one");
    expect(await seen("schema")).to.deep.equal({ notes: [2, 1] });
    db.close();
    other.close();
  });

  it("times changes of an index, and not those of a table or of the index's settings", async () => {
    const db = open("updates");
    db.exec("UPDATE words_fts SET gloss = 'a tame animal' WHERE rowid = 1");
    db.prepare("DELETE FROM words_fts WHERE words_fts MATCH ?").run("bird");
    db.prepare("INSERT OR REPLACE INTO main.words_fts (rowid, word) SELECT id, word FROM words").run();
    db.prepare("UPDATE words SET gloss = ? WHERE word IN (SELECT word FROM words_fts)").run("");
    db.exec("INSERT INTO words_fts (words_fts, rank) VALUES ('automerge', 4)");
    db.exec("INSERT INTO words_fts (words_fts) VALUES ('integrity-check')");
    db.exec("INSERT INTO words_fts (words_fts, rank) VALUES ('merge', 16)");
    db.exec("CREATE VIRTUAL TABLE bare USING fts5(word, content = '')");
    db.exec("INSERT INTO bare (bare) VALUES ('delete-all')");
    expect(() => db.prepare("INSERT INTO words_fts (rowid, word) VALUES (?, ?)").run("no number", "")).to.throw();
    const updates = async (attributes: Record<string, string>): Promise<number> =>
      count("storage.search.index.update.duration", { "db.namespace": "updates", ...attributes });
    expect(await updates({ "storage.search.index.name": "words_fts" })).to.equal(4 + 3 + 1);
    expect(await updates({ "storage.search.index.name": "bare" })).to.equal(1);
    expect(await updates({ "storage.search.index.name": "parts" })).to.equal(4);
    expect(await updates({ "error.type": "SQLITE_MISMATCH" })).to.equal(1);
    expect(await updates({})).to.equal(13);
    db.close();
  });

  it("times changes of an index of vectors, by its rows, and searches in it", async () => {
    const db = new Database(join(temporaryFolder(), "vectors.db"));
    db.loadExtension(getLoadablePath());
    db.exec("CREATE VIRTUAL TABLE spots USING vec0(place float[2])");
    db.exec("CREATE VIRTUAL TABLE parts USING vec0(id integer primary key, place float[2], kind text partition key)");
    db.exec("CREATE TABLE plain (distance, k)");
    const add = db.prepare("INSERT INTO spots (rowid, place) VALUES (?, ?)");
    for (let i = 1n; i <= 5n; i++) add.run(i, new Float32Array([Number(i), 0]));
    db.exec("INSERT INTO parts VALUES (1, '[1, 2]', 'a'), (2, '[3, 4]', 'b')");
    db.prepare("UPDATE spots SET place = ? WHERE rowid = ?").run("[7, 7]", 1n);
    expect(db.prepare("DELETE FROM spots WHERE rowid IN (2, 3)").run().changes).to.equal(2);
    db.exec("INSERT INTO plain VALUES (1, 2)");
    expect(() => add.run(1n, "[1]")).to.throw();
    expect(db.prepare("SELECT rowid FROM spots WHERE place MATCH '[7, 7]' AND k = 2").all()).to.have.length(2);
    const of = async (metric: string, attributes: Record<string, string>): Promise<number> =>
      count(metric, { "db.namespace": "vectors", ...attributes });
    const update = "storage.search.index.update.duration";
    expect(await of(update, { "storage.search.type": "vector", "storage.search.index.name": "spots" })).to.equal(8);
    expect(await of(update, { "storage.search.type": "vector", "storage.search.index.name": "parts" })).to.equal(1);
    expect(await of(update, {})).to.equal(9);
    expect(await of(update, { "error.type": "SQLITE_ERROR" })).to.equal(1);
    expect(await of("storage.operation.records", { "db.query.summary": "INSERT spots" })).to.equal(5);
    expect(await of("storage.operation.records", { "db.query.summary": "DELETE spots" })).to.equal(2);
    expect(await of("storage.search.duration", { "storage.search.index.name": "spots" })).to.equal(1);
    db.close();
  });

  it("reports the number of segments of an index as long as it is open", async () => {
    const path = join(temporaryFolder(), "segments.db");
    const db = new Database(path);
    db.pragma("journal_mode = WAL");
    db.exec('CREATE VIRTUAL TABLE "odd ""name" USING fts5(text)');
    const insert = db.prepare('INSERT INTO "odd ""name" VALUES (?)');
    const told = async (): Promise<number[]> => {
      const series = await seriesWith({ "db.namespace": "segments" });
      return series.filter(({ metric }) => metric === "storage.search.segments").map(({ value }) => value);
    };
    for (let i = 0; i < 3; i++) insert.run(`some text ${i}`);
    const counted = db.prepare('SELECT count(DISTINCT segid) FROM "odd ""name_idx"').pluck();
    expect(await told()).to.deep.equal([counted.get()]);
    expect(counted.get()).to.equal(3);
    db.exec('INSERT INTO "odd ""name" ("odd ""name") VALUES (\'optimize\')');
    expect(await told()).to.deep.equal([1]);
    db.exec("BEGIN");
    for (let i = 0; i < 3; i++) insert.run("more");
    expect(await told()).to.deep.equal([1]);
    db.exec("COMMIT");
    expect(await told()).to.deep.equal([2]);
    expect(unregistered(await collect())).to.deep.equal([]);
    db.close();
    await told();
  });

  it("keeps the span of the statement for a change of an index", () => {
    const db = fill(new Database(":memory:"));
    const insert = db.prepare("INSERT INTO words_fts (rowid, word) VALUES (?, ?)");
    const spans = spansOf(() => {
      insert.run(10, "quick");
      expect(() => insert.run("no number", "")).to.throw();
    });
    expect(spans.map(({ name }) => name)).to.deep.equal(["INSERT words_fts", "request"]);
    db.close();
  });

  it("returns the same as better-sqlite3 unobserved", () => {
    const [observed, bare] = [Database, Untouched].map((Class) => fill(new Class(":memory:"))) as [Db, Db];
    for (const [, sql, parameters] of SEARCHES) {
      expect(observed.prepare(sql).all(...parameters)).to.deep.equal(bare.prepare(sql).all(...parameters));
    }
    for (const [, sql] of OTHERS) expect(observed.prepare(sql).all()).to.deep.equal(bare.prepare(sql).all());
    expect(observed.prepare("SELECT total_changes()").get()).to.deep.equal(
      bare.prepare("SELECT total_changes()").get(),
    );
  });

  it("searches on while a query is being iterated over, and leaves nothing open", async () => {
    const db = open("iterating");
    for (const _ of db.prepare("SELECT * FROM words").iterate()) {
      db.prepare("SELECT rowid FROM words_fts WHERE words_fts MATCH 'animal'").all();
    }
    expect(await seen("iterating")).to.deep.equal({ words_fts: [4, 8] });
    // Refused while a statement is open.
    db.exec("VACUUM");
    db.close();
  });

  it("does not wait for a lock the statement itself does not wait for", () => {
    const path = join(temporaryFolder(), "locked.db");
    const [db, other] = [fill(new Database(path, { timeout: 200 })), new Database(path)];
    const query = db.prepare("SELECT rowid FROM words_fts WHERE words_fts MATCH ?");
    other.exec("BEGIN EXCLUSIVE");
    const start = performance.now();
    expect(() => query.all("animal")).to.throw("database is locked");
    expect(performance.now() - start).to.be.within(150, 350);
    other.close();
    db.close();
  });

  it("emits no search terms, and only telemetry of the registry", async () => {
    const db = open("secrets");
    const spans = spansOf(() => {
      db.prepare("SELECT rowid FROM words_fts WHERE words_fts MATCH 's3cret'").all();
      db.prepare("SELECT rowid FROM words_fts WHERE words_fts MATCH ?").all("s3cret");
      expect(() => db.prepare("SELECT rowid FROM words_fts WHERE words_fts MATCH '\"s3cret'").all()).to.throw();
      db.prepare("INSERT INTO words_fts (word) VALUES ('s3cret')").run();
    });
    const told = [spans.map(({ name, attributes, events }) => [name, attributes, events]), await seriesWith({})];
    expect(JSON.stringify(told)).not.to.contain("s3cret");
    expect(unregistered(await collect())).to.deep.equal([]);
    db.close();
  });
});
