/** Application that uses `lowdb`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Low, LowSync } from "lowdb";
import { JSONFile, JSONFileSync } from "lowdb/node";

const folder = mkdtempSync(join(tmpdir(), "animals-"));
const animals = new Low<Record<string, string>>(new JSONFile(join(folder, "animals.json")), {});
await animals.update((data) => (data["crab"] = "has claws"));
await animals.read();
console.log(animals.data);

const sea = new LowSync<string[]>(new JSONFileSync(join(folder, "sea.json")), ["squid"]);
sea.write();
sea.read();
console.log(sea.data);

const nowhere = new Low<object>(new JSONFile(join(folder, "nowhere", "none.json")), {});
await nowhere.write().catch((error: NodeJS.ErrnoException) => console.log(error.code));
rmSync(folder, { recursive: true });
