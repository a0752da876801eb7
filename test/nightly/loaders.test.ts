import { describe, it } from "mocha";
import { compare, LOADERS } from "../helpers/loaders.ts";
import { receiving } from "../helpers/receiver.ts";

/** The first and last, and each that changed how modules are loaded. */
const VERSIONS = `
  22.15.0 22.16.0 22.17.1 22.18.0 22.19.0 22.20.0 22.21.1 22.22.2 22.22.3 22.23.3
  24.0.2 24.1.0 24.3.0 24.5.0 24.7.0 24.8.0 24.11.0 24.11.1 24.14.1 24.18.1 24.21.0
  26.0.0 26.5.1 26.10.0`
  .trim()
  .split(/\s+/);

describe("loaders", function () {
  this.timeout(300_000);
  // On a loaded machine the end of a process is too short to send everything.
  this.retries(1);
  const receiver = receiving();
  for (const version of VERSIONS) {
    for (const [name, loader] of Object.entries(LOADERS)) {
      it(`work, and modules are observed through them: ${name}, Node.js ${version}`, () =>
        compare(loader, version, receiver));
    }
  }
});
