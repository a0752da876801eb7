import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { managedApplication, unpacked } from "../../../src/runtime/process-manager.ts";
import { applicationName, type Start } from "../../../src/config/application-name.ts";
import { temporaryFolder } from "../../helpers/temp.ts";

/** The package.json of a folder, by the path of the folder; other files are empty. */
const TREE: Readonly<Record<string, string>> = {
  "shop/package.json": `{ "name": "shop" }`,
  "shop/src/app.js": "",
  "shop/src/package.json": `{ "type": "module" }`,
  "shop/services/api/package.json": `{ "name": "@shop/api" }`,
  "shop/services/api/index.ts": "",
  "shop/node_modules/next/package.json": `{ "name": "next" }`,
  "shop/node_modules/next/dist/bin/next": "",
  "shop/node_modules/ts-node/package.json": `{ "name": "ts-node" }`,
  "shop/node_modules/ts-node/dist/bin.js": "",
  "shop/.output/server/package.json": `{ "name": "nitro-prod" }`,
  "shop/.output/server/index.mjs": "",
  "shop/dist/package.json": `{ "name": "nitro-output" }`,
  "shop/dist/server.mjs": "",
  "shop/.next/standalone/package.json": `{ "name": "shop-as-built" }`,
  "shop/.next/standalone/server.js": "",
  "deployed/.output/server/package.json": `{ "name": "shop-prod" }`,
  "deployed/.output/server/index.mjs": "",
  "bare/package.json": `{ "private": true, "name": 7 }`,
  "bare/app.js": "",
  "broken/package.json": `{`,
  "broken/app.js": "",
  "global/lib/node_modules/pm2/package.json": `{ "name": "pm2" }`,
  "global/lib/node_modules/pm2/bin/pm2": "",
};

describe("the name of a service", () => {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(TREE)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, "global/bin"));
  symlinkSync(join(root, "global/lib/node_modules/pm2/bin/pm2"), join(root, "global/bin/pm2"));
  mkdirSync(join(root, "shop/node_modules/@shop"));
  symlinkSync(join(root, "shop/services/api"), join(root, "shop/node_modules/@shop/api"), "junction");

  const named = (script: string | undefined, { cwd = "empty", ...rest }: Partial<Start> = {}): string | undefined =>
    applicationName({
      executable: "/usr/bin/node",
      script: script && join(root, script),
      args: [],
      managed: { script: undefined, name: undefined },
      ...rest,
      cwd: join(root, cwd),
    });

  for (const [how, name, script, start] of [
    ["a script", "shop", "shop/src/app.js"],
    ["a script that does not exist, such as one without its extension", "shop", "shop/src/app"],
    ["a package of a workspace", "@shop/api", "shop/services/api/index.ts", { cwd: "shop" }],
    ["the same by its link", "@shop/api", "shop/node_modules/@shop/api/index.ts", { cwd: "shop" }],
    ["a tool", "shop", "shop/node_modules/next/dist/bin/next", { cwd: "shop/src", args: ["start"] }],
    [
      "a tool with a script",
      "@shop/api",
      "shop/node_modules/ts-node/dist/bin.js",
      { cwd: "shop", args: ["-T", "services/api/index.ts"] },
    ],
    ["a tool that is installed elsewhere", "shop", "global/bin/pm2", { cwd: "shop" }],
    ["a tool, in a folder that is no package", undefined, "global/bin/pm2", { cwd: "bare" }],
    ["what Nitro built", "shop", "shop/.output/server/index.mjs"],
    ["what Nitro built, elsewhere", "shop", "shop/dist/server.mjs"],
    ["what Next.js built", "shop", "shop/.next/standalone/server.js"],
    ["what was built, alone", "shop-prod", "deployed/.output/server/index.mjs"],
    ["code", "shop", undefined, { cwd: "shop/src" }],
    ["a package without a name", undefined, "bare/app.js"],
    ["a package that cannot be read", undefined, "broken/app.js"],
  ] as [string, string | undefined, string | undefined, Partial<Start>?][]) {
    it(`is that of the application: ${how}`, () => expect(named(script, start)).to.equal(name));
  }

  it("is that of the executable if the application is one", () => {
    const executable = join(root, "bin/billing.exe");
    expect(named("bin/billing.exe", { executable, cwd: "shop" })).to.equal("billing");
  });

  it("is that of the application that PM2 runs, in both of its modes", () => {
    const settings = { pm_id: 0, name: "front", pm_exec_path: join(root, "shop/src/app.js"), env: { A: "1" } };
    const forked = Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)]));
    for (const environment of [forked, { pm2_env: JSON.stringify(settings) }])
      expect(named("global/bin/pm2", { managed: managedApplication(environment) })).to.equal("shop");
    const nameless = { ...forked, pm_exec_path: join(root, "bare/app.js") };
    expect(named("global/bin/pm2", { managed: managedApplication(nameless) })).to.equal("front");
    // `name` alone is nobody's.
    expect(managedApplication({ name: "front" })).to.deep.equal({ script: undefined, name: undefined });
  });

  it("comes with settings that PM2 unpacks later", () => {
    expect(unpacked({ pm2_env: `{"OTEL_SERVICE_NAME":"shop","port":1,"env":{}}` })).to.include({
      OTEL_SERVICE_NAME: "shop",
      port: "1",
    });
    for (const odd of ["", "null", "[", "7"]) expect(unpacked({ pm2_env: odd, A: "1" })).to.include({ A: "1" });
  });
});
