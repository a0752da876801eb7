import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { namespaceOf } from "../../../instrumentations/files/namespace.ts";

const below = (path: string): string => namespaceOf(join(process.cwd(), path));

describe("db.namespace", () => {
  it("is the name of the file, and for a second one the shortest unused path", () => {
    const users = ["a", "b", "c"].map((user) => below(`data/${user}/of-user.sqlite`));
    expect(users).to.deep.equal(["of-user", "b/of-user", "c/of-user"]);
    expect(below("archive/b/of-user.sqlite")).to.equal("archive/b/of-user");
  });

  it("stays, whatever is opened meanwhile", () => {
    const first = below("one/stays.db");
    for (let i = 0; i < 300; i++) below(`many/${i}/stays.db`);
    expect([below("one/stays.db"), below("many/17/stays.db")]).to.deep.equal([first, "17/stays"]);
  });

  it("has the end of the file name if nothing else distinguishes two of them", () => {
    expect(["ends.db", "ends.sqlite"].map(below)).to.deep.equal(["ends", "ends.sqlite"]);
    const inside = ["db", "sqlite", "sqlite3"].map((end) => below(`x/inside.${end}`));
    expect(inside).to.deep.equal(["inside", "x/inside", "x/inside.sqlite3"]);
  });

  it("shows no folder that is not below the working directory", () => {
    const elsewhere = ["/srv/a/elsewhere.db", "/srv/b/elsewhere.db", join(process.cwd(), "../elsewhere.db")];
    for (const path of elsewhere) expect(namespaceOf(path)).not.to.contain("/");
    expect(namespaceOf(undefined)).to.equal("memory");
  });

  it("is never longer than 255 characters, however deep the file is", () => {
    const deep = (name: string): string => below(`${`${"f".repeat(100)}/`.repeat(20)}${name}/deep.db`);
    expect(["a", "a", "b", "c"].map((name) => deep(name).length <= 255)).to.deep.equal([true, true, true, true]);
  });
});
