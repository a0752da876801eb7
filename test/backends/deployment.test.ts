import { globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { describe, it } from "mocha";
import { parse, parseAllDocuments } from "yaml";
import { App, ROOT } from "../helpers/app.ts";
import { temporaryFolder } from "../helpers/temp.ts";

const CONFIG = join(ROOT, "collector-config");
const read = (path: string): string => readFileSync(join(CONFIG, path), "utf8");

/** The variables a configuration of the Collector needs, as it has no defaults for them. */
const needed = (files: readonly string[]): string[] => [
  ...new Set(
    files
      .flatMap((file) => read(`collector/${file}.yaml`).split("\n"))
      .filter((line) => !line.startsWith("#"))
      .flatMap((line) => [...line.matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => name!)),
  ),
];

interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}
interface Workload {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Container[];
        readonly volumes: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}
interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly command: readonly string[];
        readonly environment: Readonly<Record<string, string>>;
        readonly volumes?: readonly string[];
      }
    >
  >;
}

const COLLECTORS = ["agent", "gateway", "sampler"] as const;

describe("the deployment", () => {
  const compose = parse(read("compose.yaml"), { merge: true }) as Compose;
  const kustomization = parse(read("kustomization.yaml")) as {
    readonly resources: readonly string[];
    readonly configMapGenerator: readonly { readonly name: string; readonly files: readonly string[] }[];
  };

  for (const name of COLLECTORS) {
    it(`gives ${name} every required variable in compose.yaml, and a volume for its queue`, () => {
      const { command, environment, volumes } = compose.services[name]!;
      const files = command.map((argument) => /^--config=\/etc\/collector\/(.+)\.yaml$/.exec(argument)![1]!);
      expect(files[0]).to.equal(name);
      expect(Object.keys(environment)).to.include.members(needed(files));
      expect(volumes).to.include(`${name}:/var/lib/collector`);
    });

    it(`gives ${name} every variable and file it needs in Kubernetes, and keeps its queue`, () => {
      const documents = parseAllDocuments(read(`kubernetes/${name}.yaml`)).map(
        (document) => document.toJS() as Workload,
      );
      const { spec } = documents.find(({ kind }) => kind === "DaemonSet" || kind === "StatefulSet")!;
      const [container] = spec.template.spec.containers;
      const files = kustomization.configMapGenerator.find((each) => each.name === name)!.files;
      const paths = files.map((file) => `--config=/etc/collector/${file.split("/").at(-1)!}`);
      expect(container!.args).to.deep.equal(paths);
      const names = files.map((file) => /^collector\/(.+)\.yaml$/.exec(file)![1]!);
      expect(container!.env.map((variable) => variable.name)).to.include.members(needed(names));
      const volumes = [
        ...spec.template.spec.volumes,
        ...(spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata),
      ];
      expect(volumes.map((volume) => volume.name)).to.include.members(
        container!.volumeMounts.map((mount) => mount.name),
      );
    });
  }

  it("names files that exist", () => {
    const files = globSync("{kubernetes,collector}/**/*.yaml", { cwd: CONFIG });
    for (const file of [...kustomization.resources, ...kustomization.configMapGenerator.flatMap((map) => map.files)]) {
      expect(files).to.include(file);
    }
    const { services } = compose;
    const mounts = Object.values(services).flatMap(({ volumes }) =>
      (volumes ?? []).filter((volume) => volume.startsWith("./")),
    );
    expect(mounts).to.have.length.above(5);
    for (const mount of mounts) expect(globSync(mount.split(":")[0]!, { cwd: CONFIG }), mount).to.have.length(1);
  });

  for (const [kind, file, text] of [
    ["CommonJS", "app.cjs", 'require("better-sqlite3")(":memory:").exec("SELECT 1")'],
    ["an ES module", "app.mjs", 'import Database from "better-sqlite3"; new Database(":memory:").exec("SELECT 1")'],
  ] as const) {
    it(`has an image for the OpenTelemetry operator that observes ${kind}`, async () => {
      // As the operator has it: a folder of its own, with the package installed in it.
      const image = temporaryFolder();
      mkdirSync(join(image, "node_modules"));
      symlinkSync(ROOT, join(image, "node_modules/stratascope"));
      writeFileSync(join(image, "autoinstrumentation.js"), read("image/autoinstrumentation.cjs"));
      const app = new App({ [file]: text });
      const { code, stdout } = await app.run(file, {
        flags: ["--require", join(image, "autoinstrumentation.js")],
        env: { OTEL_METRICS_EXPORTER: "console" },
      });
      expect(code).to.equal(0);
      expect(stdout).to.contain("db.client.operation.duration");
    });
  }
});
