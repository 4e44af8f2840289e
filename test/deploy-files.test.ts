import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { Command, CommanderError } from "commander";
import { createProgram } from "../src/cli/program.ts";
import { Setting } from "../src/cli/terminal/setting.ts";
import { RecordedIo } from "../src/cli/test-kit/recorded-io.ts";
import { Image } from "./support/containerfile.ts";
import { yamlDocuments } from "./support/yaml.ts";

const root = join(import.meta.dirname, "..");
const FILES = [
  "deploy/Containerfile",
  "deploy/compose.yaml",
  "deploy/kubernetes/sqlite.yaml",
  "deploy/kubernetes/postgresql.yaml",
  "deploy/systemd/posthorn.service",
  "docs/prometheus/rules.yml",
] as const;
const texts = Object.fromEntries(FILES.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const textOf = (file: (typeof FILES)[number]) => texts[file] ?? "";
const image = new Image(textOf("deploy/Containerfile"));
const unit = textOf("deploy/systemd/posthorn.service");

const PROBES = { startupProbe: "/startupz", livenessProbe: "/healthz", readinessProbe: "/readyz" } as const;

/** In seconds, as the documentation says. */
const DRAIN = 30;

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly name: string;
  readonly args?: string[];
  readonly command?: string[];
  readonly env?: readonly { readonly name: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: unknown;
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly sleep: { readonly seconds: number } } };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds?: number;
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number };
  readonly initContainers?: Container[];
  readonly containers: Container[];
  readonly volumes: readonly { readonly name: string }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: { readonly matchLabels?: Labels } | Labels;
    readonly template?: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly podMetricsEndpoints?: readonly { readonly port: string }[];
    readonly volumeClaimTemplates?: readonly {
      readonly metadata: { readonly name: string };
      readonly spec: { readonly accessModes: string[] };
    }[];
  };
}

type Labels = Readonly<Record<string, unknown>>;

interface Service {
  readonly image: string;
  readonly command?: string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
  readonly depends_on?: Readonly<Record<string, unknown>>;
  readonly volumes?: string[];
  readonly secrets?: string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: object;
  readonly secrets: object;
}

const manifests = (which: "sqlite" | "postgresql") =>
  yamlDocuments(textOf(`deploy/kubernetes/${which}.yaml`)) as Manifest[]; // read as what the file is meant to hold; the tests see whether it does
const everyManifest = [...manifests("sqlite"), ...manifests("postgresql")];
const pods = everyManifest.flatMap(({ spec: { template } }) => (template ? [template] : []));
const compose = yamlDocuments(textOf("deploy/compose.yaml"))[0] as Compose; // likewise

function everyCommand(program: Command): Command[] {
  return [program, ...program.commands.flatMap(everyCommand)];
}

/** Fails when the program does not take these words. */
async function assertTaken(argv: string[]): Promise<void> {
  const program = createProgram(new RecordedIo());
  for (const command of everyCommand(program)) if (command.commands.length === 0) command.action(() => {});
  await program.parseAsync(argv, { from: "user" }).catch((error: CommanderError) => {
    assert.fail(`posthorn ${argv.join(" ")}: ${error.message}`);
  });
}

test("each command and each variable of the deployment files is one that the program takes", async () => {
  const commands = [
    image.command("CMD"),
    ...Object.values(compose.services).flatMap(({ command }) => (command ? [command] : [])),
    ...pods.flatMap(({ spec }) => spec.containers.map(({ args = [] }) => args)),
    ...[...unit.matchAll(/^ExecStart=.*main\.js (.+)$/gm)].map(([, words = ""]) => words.split(" ")),
    // what their heads tell people to type
    ...Object.values(texts).flatMap((text) =>
      [...text.matchAll(/^#.*(?:posthorn|worker|main\.js) (keys create [^#\n]*?)(?: {2,}#.*)?$/gm)].map(
        ([, words = ""]) => words.trim().split(/ +/),
      ),
    ),
  ];
  assert.ok(commands.length >= 12, `${commands.length} commands`);
  for (const command of commands) await assertTaken(command);

  const settings = everyCommand(createProgram(new RecordedIo())).flatMap(({ options }) =>
    options.flatMap((option) => (option instanceof Setting ? [option.variable] : [])),
  );
  const known = new Set([...settings, "POSTHORN_MASTER_KEY", "POSTHORN_MASTER_KEY_FILE"]);
  for (const [file, text] of Object.entries(texts))
    for (const [variable] of text.matchAll(/\bPOSTHORN_[A-Z_]+/g))
      assert.ok(known.has(variable), `${file}: nobody reads ${variable}`);
});

test("the image runs as an unprivileged user, on a tree that it does not write to, and receives signals itself", () => {
  const { bin, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const [node = ""] = /\d+/.exec(devDependencies.node) ?? [];
  assert.equal(image.only("FROM"), `node:${node}-slim`);
  assert.equal(image.only("USER"), "10001:10001");
  assert.equal(image.only("STOPSIGNAL"), "SIGTERM");
  assert.equal(dirname(image.env.POSTHORN_DATABASE ?? ""), image.only("VOLUME"));
  assert.equal(image.only("WORKDIR"), image.only("VOLUME"));
  assert.deepEqual(image.command("ENTRYPOINT"), ["node", `/app/${bin.posthorn}`]);
  const [, port = ""] = /:(\d+)$/.exec(image.env.POSTHORN_METRICS_LISTEN ?? "") ?? [];
  // by the settings above, where the process says whether it is ready
  assert.deepEqual(image.command("HEALTHCHECK"), [...image.command("ENTRYPOINT"), "health"]);
  assert.deepEqual(image.only("EXPOSE").split(" "), ["8000", port]);
});

test("the manifests' pods are confined, probed where they listen, and stopped no sooner than they have drained", () => {
  assert.equal(pods.length, 4);
  for (const { spec } of pods) {
    const all = [...(spec.initContainers ?? []), ...spec.containers];
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.equal(`${spec.securityContext.runAsUser}`, image.only("USER").split(":")[0]);
    for (const container of all) {
      assert.deepEqual(container.securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
      assert.ok(container.volumeMounts.some(({ mountPath }) => mountPath === image.only("VOLUME")));
    }
    for (const { args = [], ports = [], lifecycle, ...probes } of spec.containers) {
      if (args[0] === "migrate") continue; // it ends by itself
      for (const kind of ["startupProbe", "livenessProbe", "readinessProbe"] as const) {
        const { path, port } = probes[kind]?.httpGet ?? assert.fail(`no ${kind}`);
        assert.equal(port, "metrics");
        assert.equal(path, PROBES[kind]);
      }
      assert.deepEqual(
        ports.map(({ containerPort }) => containerPort),
        args[0] === "serve" ? [8000, 9464] : [9464],
      );
      const pause = lifecycle?.preStop.sleep.seconds ?? 0;
      assert.ok((spec.terminationGracePeriodSeconds ?? 0) >= pause + DRAIN + 10);
    }
  }
});

test("what the manifests select, mount and name is there", () => {
  for (const which of ["sqlite", "postgresql"] as const) {
    const all = manifests(which);
    const templates = all.flatMap(({ spec: { template } }) => (template ? [template] : []));
    for (const { kind, metadata, spec } of all) {
      const what = `${which}: ${kind} ${metadata.name}`;
      const selected = (spec.selector?.matchLabels ?? spec.selector ?? {}) as Labels; // of a Service, without matchLabels
      const found = templates.filter(({ metadata: { labels } }) =>
        Object.entries(selected).every(([name, value]) => labels[name] === value),
      );
      assert.ok(found.length > 0, `${what} selects nothing`);
      const ports = found.flatMap((pod) => pod.spec.containers.flatMap((each) => each.ports ?? []));
      for (const port of [
        ...(spec.ports ?? []).map(({ targetPort }) => targetPort),
        ...(spec.podMetricsEndpoints ?? []).map(({ port }) => port),
      ])
        assert.ok(
          ports.some(({ name }) => name === port),
          `${what}: no port ${port}`,
        );
      const claims = (spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata.name);
      const pod = spec.template?.spec;
      const volumes = [...claims, ...(pod?.volumes ?? []).map(({ name }) => name)];
      for (const { volumeMounts } of [...(pod?.initContainers ?? []), ...(pod?.containers ?? [])])
        for (const { name } of volumeMounts) assert.ok(volumes.includes(name), `${what}: no volume ${name}`);
    }
  }
  const kinds = manifests("postgresql").map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  for (const part of ["api", "worker"]) assert.ok(kinds.includes(`PodDisruptionBudget posthorn-${part}`));
});

test("a SQLite file is never opened by two pods", () => {
  const [set] = manifests("sqlite").filter(({ kind }) => kind === "StatefulSet");
  assert.equal(set?.spec.replicas, 1);
  assert.deepEqual(
    set?.spec.volumeClaimTemplates?.map(({ spec }) => spec.accessModes),
    [["ReadWriteOncePod"]],
  );
});

test("the compose file names services, volumes and secrets that it has, and lets processes drain", () => {
  const { services, volumes, secrets } = compose;
  for (const [name, service] of Object.entries(services)) {
    for (const other of Object.keys(service.depends_on ?? {}))
      assert.ok(Object.hasOwn(services, other), other);
    for (const secret of service.secrets ?? []) assert.ok(Object.hasOwn(secrets, secret), secret);
    for (const volume of service.volumes ?? []) assert.ok(Object.hasOwn(volumes, volume.split(":")[0] ?? ""));
    if (service.image !== "posthorn") continue;
    assert.equal(service.read_only, true, name);
    assert.ok(Number.parseInt(service.stop_grace_period ?? "", 10) >= DRAIN + 10, name);
    const [secret = ""] = service.secrets ?? [];
    assert.equal(service.environment.POSTHORN_MASTER_KEY_FILE, `/run/secrets/${secret}`);
  }
});

test("the unit lets the service drain, and systemd, where it is installed, accepts it", (t) => {
  const [, timeout = ""] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  assert.ok(Number(timeout) >= DRAIN + 10);
  const { error, status, stderr } = spawnSync(
    "systemd-analyze",
    ["verify", join(root, "deploy/systemd/posthorn.service")],
    { encoding: "utf8" },
  );
  if (error) t.diagnostic("systemd-analyze is not on this machine; the unit was not verified");
  // what it runs need not be installed here
  else assert.ok(status === 0 || /is not executable/.test(stderr), stderr);
});

test("each file says at its top what checked it, and what has not been run", () => {
  for (const [file, text] of Object.entries(texts)) {
    const head = text.slice(0, text.search(/^[^#\n]/m));
    assert.match(head, /^# Checked: /m, file);
    assert.match(head, /^# Not run: /m, file);
  }
});
