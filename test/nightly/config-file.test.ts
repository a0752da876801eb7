/** All the documents of which `npm test` tries a tenth. */
process.env["FUZZ_NIGHTLY"] = "1";
await import("../src/sdk/config-file.test.ts");
