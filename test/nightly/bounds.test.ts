process.env["NAMES"] = "1000000";
await import("../src/bounds.test.ts");
