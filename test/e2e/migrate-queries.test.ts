import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { foreign, recordings } from "../../collector-config/definitions/index.ts";
import { Query, QueryError, Vocabulary } from "../../collector-config/generate/promql.ts";
import { migrationsOf } from "../../semconv/history.ts";
import { readReleases } from "../../semconv/release.ts";
import { loadRegistry } from "../../semconv/resolve.ts";
import { ROOT } from "../helpers/app.ts";
import { withValues } from "../helpers/dashboards.ts";
import { temporaryFolder } from "../helpers/temp.ts";

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = (cwd: string, file: string, ...args: string[]): Promise<Said> =>
  new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, file), ...args], { cwd }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });

/** Names of the next version, by those of this one. */
const RENAMED = {
  "storage.checkpoint.duration": "storage.checkpoint.time",
  "storage.checkpoint.trigger": "storage.checkpoint.cause",
};

/** The definitions that are kept, as they are declared in a file of the registry. */
const DEPRECATED = `file_format: definition/2
metrics:
  - name: storage.checkpoint.duration
    deprecated: { reason: renamed, renamed_to: storage.checkpoint.time }
attributes:
  - key: storage.checkpoint.trigger
    deprecated: { reason: renamed, renamed_to: storage.checkpoint.cause }
`;

/** The value of an enum that is renamed too. */
const MEMBER = `        - id: auto
          value: auto
`;
const MEMBERS = `        - { id: old, value: auto, brief: B., stability: development, deprecated: { reason: renamed, renamed_to: commit } }
        - id: commit
          value: commit
`;

/** Queries of a dashboard or of rules. */
function queriesOf(file: string): string[] {
  const found: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "expr") found.push(withValues(String(inner), "5m"));
      else collect(inner);
    }
  };
  collect(parse(readFileSync(file, "utf8")));
  return found;
}

describe("a release that renames what dashboards and rules query", () => {
  const folder = temporaryFolder();
  const registry = join(folder, "semconv/registry");
  const list = join(folder, "migrations.json");
  const check = (): Promise<Said> => run(folder, "semconv/check.ts");

  /** Changes the files of the registry. */
  function edit(change: (text: string, file: string) => string): void {
    for (const file of readdirSync(registry)) {
      const path = join(registry, file);
      writeFileSync(path, change(readFileSync(path, "utf8"), file));
    }
  }

  const queryFiles = (): string[] =>
    [
      "dashboards/wal.json",
      "dashboards/operations.json",
      "rules/alerts.yaml",
      "rules/recording.yaml",
      "runbooks.md",
    ].map((file) => join(folder, file));
  const texts = (): string[] => queryFiles().map((file) => readFileSync(file, "utf8"));

  function unknownIn(vocabulary: Vocabulary): string[] {
    return queryFiles()
      .filter((file) => !file.endsWith(".md"))
      .flatMap(queriesOf)
      .filter((text) => {
        try {
          return void new Query(text, vocabulary);
        } catch (error) {
          expect(error).to.be.instanceOf(QueryError);
          return true;
        }
      });
  }

  before(() => {
    for (const name of ["semconv", "dashboards", "rules"]) mkdirSync(join(folder, name));
    cpSync(join(ROOT, "semconv/registry"), registry, { recursive: true });
    const behind = join(ROOT, "collector-config");
    for (const name of ["wal", "operations"])
      cpSync(join(behind, `grafana/dashboards/${name}.json`), join(folder, `dashboards/${name}.json`));
    for (const name of ["alerts", "recording"])
      cpSync(join(behind, `prometheus/rules/${name}.yaml`), join(folder, `rules/${name}.yaml`));
    cpSync(join(behind, "runbooks/StorageCommitSlow.md"), join(folder, "runbooks.md"));
  });

  it("is recorded once, and breaks nothing by itself", async () => {
    expect(await check()).to.include({ code: 0, stdout: "no version is released: semconv/releases is empty\n" });
    expect((await run(folder, "semconv/record-release.ts")).code).to.equal(0);
    expect(await check()).to.include({ code: 0, stdout: "the registry breaks nothing since 0.1.0\n" });
    const again = await run(folder, "semconv/record-release.ts");
    expect(again.code).to.equal(1);
    expect(again.stderr).to.match(/^semconv\/releases\/0\.1\.0\.json is there already/);
  });

  it("fails the check until each change is declared, and the version is a later one", async () => {
    edit((text) =>
      Object.entries(RENAMED)
        .reduce((all, [from, to]) => all.replaceAll(from, to), text)
        .replace(MEMBER, MEMBER.replaceAll("auto", "commit")),
    );
    const undeclared = await check();
    expect(undeclared.code).to.equal(1);
    const lines = undeclared.stderr.trim().split("\n");
    for (const name of Object.keys(RENAMED))
      expect(lines.filter((line) => line.includes(`"${name}" is gone`))).to.have.length(1);
    for (const line of lines) expect(line).to.match(/^semconv\/[\w./]+:\d+: \w+ "[\w.]+" .*: a break since 0\.1\.0; /);
    expect((await run(folder, "semconv/record-release.ts")).code).to.equal(1);

    edit((text) => text.replace(MEMBER.replaceAll("auto", "commit"), MEMBERS));
    writeFileSync(join(registry, "deprecated.yaml"), DEPRECATED);
    const early = await check();
    expect(early.code).to.equal(1);
    expect(early.stderr).to.match(/^semconv\/registry\/manifest\.yaml:1: version 0\.1\.0 is released/);

    edit((text, file) => (file === "manifest.yaml" ? text.replace("/0.1.0\n", "/0.2.0\n") : text));
    const declared = await check();
    expect(declared.stderr).to.equal("");
    expect(declared.code).to.equal(0);
    const migrations = migrationsOf(readReleases(join(folder, "semconv/releases")), loadRegistry(registry));
    writeFileSync(list, JSON.stringify(migrations));
  });

  it("has its queries rewritten by the command line tool, and nothing else", async () => {
    const vocabulary = new Vocabulary(loadRegistry(registry), foreign);
    for (const { record, labels } of recordings) vocabulary.add(record, labels);
    const original = texts();
    expect(unknownIn(vocabulary)).to.have.length.above(3);

    const migrate = (...args: string[]): Promise<Said> =>
      run(folder, "dist/src/cli.js", "migrate-queries", "--list", list, ...args, ...queryFiles());
    const dry = await migrate("--check");
    expect(dry.code).to.equal(1);
    expect(texts()).to.deep.equal(original);

    const done = await migrate();
    expect(done.code).to.equal(0);
    expect(done.stdout.split("\n").slice(0, -2)).to.deep.equal(dry.stdout.split("\n").slice(0, -2));
    expect(unknownIn(vocabulary)).to.deep.equal([]);
    const reverted = texts().map((text) =>
      text
        .replaceAll(/storage_checkpoint_time_seconds/g, "storage_checkpoint_duration_seconds")
        .replaceAll(/storage_checkpoint_cause(=\\?")commit/g, "storage_checkpoint_cause$1auto")
        .replaceAll("storage_checkpoint_cause", "storage_checkpoint_trigger"),
    );
    expect(reverted).to.deep.equal(original);
    expect(texts().at(-1)).to.contain('{storage_checkpoint_cause="commit"}');

    expect(await migrate("--check")).to.include({ code: 0, stdout: "0 to replace\n" });
    expect(await migrate("--from", "0.2.0")).to.include({ code: 0, stdout: "0 replaced\n" });
  });

  it("does not change a binary file, and names it", async () => {
    const file = join(folder, "binary");
    writeFileSync(file, Buffer.from([0x61, 0xff, 0x0a]));
    const said = await run(folder, "dist/src/cli.js", "migrate-queries", "--list", list, file);
    expect(said).to.include({ code: 1, stderr: `stratascope: ${file} is not a text in UTF-8\n` });
    const missing = await run(folder, "dist/src/cli.js", "migrate-queries", join(folder, "missing.json"));
    expect(missing.code).to.equal(1);
    expect(missing.stderr).to.match(/^stratascope: ENOENT: .*missing\.json/);
    expect(await run(folder, "dist/src/cli.js", "migrate-queries", "--from", "next", file)).to.include({
      code: 1,
      stderr: "stratascope: --from next is no version such as 1.2.0\n",
    });
  });
});
