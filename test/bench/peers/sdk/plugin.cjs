"use strict";
// The plugin knows better-sqlite3 7 to 12 and leaves others alone; its patch fits 13 as well.
const { BetterSqlite3Instrumentation } = require("opentelemetry-plugin-better-sqlite3");

for (const { supportedVersions } of new BetterSqlite3Instrumentation().getModuleDefinitions())
  supportedVersions.push("^13.0.0");
