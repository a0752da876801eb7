import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { CACHE } from "../../collector-config/stack/cache.ts";
import { App, REGISTER } from "../helpers/app.ts";
import { build, folderOf } from "../helpers/drivers.ts";
import { eventually } from "../helpers/backends.ts";
import { freePort } from "../../collector-config/stack/ports.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const DRIVER = "12.11.1";

type Ask = readonly [method: string, path: string, body?: object];

/** A whole product that keeps its data in better-sqlite3 12. */
interface Product {
  readonly package: string;
  readonly version: string;
  /** The program that serves it, on the port and with the folder of its environment. */
  readonly program: string;
  readonly ready: string;
  readonly requests: readonly Ask[];
}

const PRODUCTS: readonly Product[] = [
  {
    package: "@actual-app/sync-server",
    version: "26.9.0",
    program: `process.env.ACTUAL_PORT = process.env.PORT; process.env.ACTUAL_HOSTNAME = "127.0.0.1"; process.env.ACTUAL_DATA_DIR = process.env.FOLDER;
      import("@actual-app/sync-server/build/app.js");`,
    ready: "/info",
    requests: [
      ["GET", "/info"],
      ["GET", "/account/needs-bootstrap"],
      ["POST", "/account/bootstrap", { password: "a good password" }],
      ["POST", "/account/bootstrap", { password: "another" }],
      ["POST", "/account/login", { password: "a good password" }],
      ["POST", "/account/login", { password: "a wrong one" }],
      ["GET", "/sync/list-user-files"],
      ["GET", "/account/validate"],
    ],
  },
  {
    package: "@atproto/pds",
    version: "0.5.35",
    program: `const { PDS, envToCfg, envToSecrets, readEnv } = require("@atproto/pds");
      const { PORT, FOLDER } = process.env;
      Object.assign(process.env, { PDS_PORT: PORT, PDS_HOSTNAME: "localhost", PDS_DEV_MODE: "true", PDS_DATA_DIRECTORY: FOLDER, PDS_BLOBSTORE_DISK_LOCATION: FOLDER + "/blobs",
        PDS_JWT_SECRET: "secret", PDS_ADMIN_PASSWORD: "admin", PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: "1".repeat(64), PDS_DID_PLC_URL: "http://127.0.0.1:9" });
      const env = readEnv(); PDS.create(envToCfg(env), envToSecrets(env)).then((pds) => pds.start());`,
    ready: "/xrpc/_health",
    requests: [
      ["GET", "/xrpc/_health"],
      ["GET", "/xrpc/com.atproto.server.describeServer"],
      ["POST", "/xrpc/com.atproto.server.createInviteCode", { useCount: 1 }],
      ["POST", "/xrpc/com.atproto.server.createSession", { identifier: "nobody.test", password: "x" }],
      ["GET", "/xrpc/com.atproto.sync.listRepos"],
      ["GET", "/xrpc/com.atproto.sync.getHead?did=did:plc:none"],
    ],
  },
];

/** Installs a product once, with the driver as it was built here. */
async function installed({ package: name, version }: Product): Promise<string> {
  const folder = join(CACHE, "products", `${name.replaceAll(/\W+/g, "-")}-${version}`);
  const addon = "node_modules/better-sqlite3/build/Release/better_sqlite3.node";
  await build(DRIVER);
  if (!existsSync(join(folder, addon))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "package.json"), `{"name":"a-product","private":true}`);
    const install = [
      "install",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--loglevel=error",
      `${name}@${version}`,
    ];
    execFileSync("npm", install, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    cpSync(join(folderOf(DRIVER), addon), join(folder, addon));
  }
  return folder;
}

/** What is another one each time. */
const same = (text: string): string =>
  text.replaceAll(/"(token|code|requestID)":"[^"]*"/g, '"$1":""').replaceAll(/localhost-\w+-\w+|127\.0\.0\.1:\d+/g, "");

async function answersOf(product: Product, folder: string, isObserved: boolean): Promise<[string[], string]> {
  const [port, metrics] = [await freePort(), await freePort()];
  const file = join(folder, "serve.cjs");
  writeFileSync(file, product.program);
  const env = {
    PORT: `${port}`,
    FOLDER: temporaryFolder(),
    NODE_ENV: "production",
    OTEL_METRICS_EXPORTER: "prometheus",
  };
  const flags = isObserved ? ["--require", REGISTER] : [];
  const app = new App({}).start(file, { flags, env: { ...env, OTEL_EXPORTER_PROMETHEUS_PORT: `${metrics}` } });
  const ask = async ([method, path, body]: Ask): Promise<string> => {
    const authorization = `Basic ${Buffer.from("admin:admin").toString("base64")}`;
    const headers = { "content-type": "application/json", authorization };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return same(`${method} ${path}: ${response.status} ${await response.text()}`);
  };
  try {
    await eventually(
      120,
      () => ask(["GET", product.ready]),
      (answer) => expect(answer).to.contain(": 200 "),
    );
    const answers: string[] = [];
    for (const request of product.requests) answers.push(await ask(request));
    return [answers, isObserved ? await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text() : ""];
  } finally {
    await app.stop("SIGKILL");
  }
}

describe(`a whole product with better-sqlite3 ${DRIVER}`, () => {
  for (const product of PRODUCTS) {
    it(`responds the same, and is observed: ${product.package}`, async function () {
      this.timeout(1_200_000);
      const folder = await installed(product);
      const [expected] = await answersOf(product, folder, false);
      const [answers, page] = await answersOf(product, folder, true);
      expect(answers).to.deep.equal(expected);
      expect(page).to.match(/^db_client_operation_duration_seconds_count\{.*db_operation_name="INSERT".*\} [1-9]/m);
      expect(page).to.match(
        /^storage_transaction_duration_seconds_count\{.*storage_transaction_outcome="commit".*\} [1-9]/m,
      );
      expect(page).not.to.match(/^storage_instrumentation_errors_total\{.*\} [1-9]/m);
    });
  }
});
