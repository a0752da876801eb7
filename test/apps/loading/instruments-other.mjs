// Has classes observed that are none of the engine.
import { instrument } from "stratascope";

class Broken {
  prepare() {}
}
for (const Class of [Broken, class extends Broken {}]) console.log(instrument("better-sqlite3", Class) === Class);
