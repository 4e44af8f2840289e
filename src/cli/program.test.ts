import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command } from "commander";
import { createProgram } from "./program.ts";
import { Setting } from "./terminal/setting.ts";
import { RecordedIo, ran } from "./test-kit/recorded-io.ts";

/** What a command would be run with. */
async function parsed(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Record<string, unknown>> {
  const program = createProgram(new RecordedIo(env));
  const name = argv.find((word) => !word.startsWith("-")) ?? "";
  const command = subcommand(program, name);
  let options: Record<string, unknown> = {};
  command.action(() => {
    options = command.optsWithGlobals();
  });
  await program.parseAsync(argv, { from: "user" });
  return options;
}

function subcommand(program: Command, name: string): Command {
  const command = program.commands.find((candidate) => candidate.name() === name);
  assert.ok(command, name);
  return command;
}

function everyCommand(program: Command): Command[] {
  return [program, ...program.commands.flatMap(everyCommand)];
}

test("a server's settings have the documented defaults", async () => {
  assert.deepEqual(await parsed(["serve"]), {
    database: "posthorn.db",
    json: false,
    dev: false,
    host: "127.0.0.1",
    port: 8000,
    portalOrigins: [],
    redact: [],
    allowTargets: [],
    egressProxy: [],
    tag: [],
    tasks: [],
    concurrency: 64,
    worker: true,
    console: true,
    drainTimeout: 30_000,
    breakerFailures: 10,
    disableFailingAfter: 432_000_000,
    maxBody: 1_048_576,
    duplicateKeys: "replay",
    unknownTenants: "create",
    svixOrganization: "org_23rb8YdGqMT0qIzpgGwdXfHirMu",
    retainJobs: 30 * 86_400_000,
    retainKeys: 86_400_000,
    logLevel: "info",
  });
});

const SERVE_SETTINGS: [flag: string[], env: NodeJS.ProcessEnv, name: string, value: unknown][] = [
  [["--dev"], { POSTHORN_DEV: "true" }, "dev", true],
  [["--host", "::1"], { POSTHORN_HOST: "::1" }, "host", "::1"],
  [["--port", "0"], { POSTHORN_PORT: "0" }, "port", 0],
  [
    ["--metrics-listen", "9464"],
    { POSTHORN_METRICS_LISTEN: "127.0.0.1:9464" },
    "metricsListen",
    { host: "127.0.0.1", port: 9464 },
  ],
  [
    ["--public-url", "https://hooks.example.com/"],
    { POSTHORN_PUBLIC_URL: "https://hooks.example.com" },
    "publicUrl",
    "https://hooks.example.com",
  ],
  [
    ["--portal-origins", "https://a.example, http://localhost:3000"],
    { POSTHORN_PORTAL_ORIGINS: "https://a.example,http://localhost:3000" },
    "portalOrigins",
    ["https://a.example", "http://localhost:3000"],
  ],
  [
    ["--redact", "$.customer.email, **.street"],
    { POSTHORN_REDACT: "$.customer.email,**.street" },
    "redact",
    ["$.customer.email", "**.street"],
  ],
  [["--database", "a.db"], { POSTHORN_DATABASE: "a.db" }, "database", "a.db"],
  [
    ["--allow-targets", "10.0.0.0/8, hooks.internal"],
    { POSTHORN_ALLOW_TARGETS: "10.0.0.0/8,hooks.internal," },
    "allowTargets",
    ["10.0.0.0/8", "hooks.internal"],
  ],
  [
    ["--egress-proxy", "http://a:b@proxy:3128"],
    { POSTHORN_EGRESS_PROXY: "http://a:b@proxy:3128" },
    "egressProxy",
    ["http://a:b@proxy:3128"],
  ],
  [
    ["--egress-proxy", "http://proxy:3128", "--egress-proxy", "eu=https://eu:3128"],
    { POSTHORN_EGRESS_PROXY: "http://proxy:3128,eu=https://eu:3128" },
    "egressProxy",
    ["http://proxy:3128", "eu=https://eu:3128"],
  ],
  [
    ["--tag", "order=$.data.id", "--tag", "shop=$.shop"],
    { POSTHORN_TAG: "order=$.data.id,shop=$.shop" },
    "tag",
    ["order=$.data.id", "shop=$.shop"],
  ],
  [["--portal-logo", "logo.svg"], { POSTHORN_PORTAL_LOGO: "logo.svg" }, "portalLogo", "logo.svg"],
  [["--egress-address", "::1"], { POSTHORN_EGRESS_ADDRESS: "::1" }, "egressAddress", "::1"],
  [
    ["--svix-jwt-secret", "a shared secret"],
    { POSTHORN_SVIX_JWT_SECRET: "a shared secret" },
    "svixJwtSecret",
    "a shared secret",
  ],
  [["--no-console"], { POSTHORN_NO_CONSOLE: "true" }, "console", false],
  [["--svix-organization", "any"], { POSTHORN_SVIX_ORGANIZATION: "any" }, "svixOrganization", "any"],
  [["--tasks", "a.ts,b.ts"], { POSTHORN_TASKS: "a.ts, b.ts" }, "tasks", ["a.ts", "b.ts"]],
  [["--concurrency", "1"], { POSTHORN_CONCURRENCY: "1" }, "concurrency", 1],
  [["--no-worker"], { POSTHORN_NO_WORKER: "1" }, "worker", false],
  [["--max-body", "64KiB"], { POSTHORN_MAX_BODY: "65536" }, "maxBody", 65_536],
  [
    ["--max-database-size", "10GiB"],
    { POSTHORN_MAX_DATABASE_SIZE: "10GiB" },
    "maxDatabaseSize",
    10 * 2 ** 30,
  ],
  [["--duplicate-keys", "reject"], { POSTHORN_DUPLICATE_KEYS: "reject" }, "duplicateKeys", "reject"],
  [
    ["--tenant-events-per-second", "50"],
    { POSTHORN_TENANT_EVENTS_PER_SECOND: "50" },
    "tenantEventsPerSecond",
    50,
  ],
  [["--tenant-events-per-day", "50"], { POSTHORN_TENANT_EVENTS_PER_DAY: "50" }, "tenantEventsPerDay", 50],
  [["--key-events-per-second", "50"], { POSTHORN_KEY_EVENTS_PER_SECOND: "50" }, "keyEventsPerSecond", 50],
  [["--key-events-per-day", "50"], { POSTHORN_KEY_EVENTS_PER_DAY: "50" }, "keyEventsPerDay", 50],
  [["--unknown-tenants", "reject"], { POSTHORN_UNKNOWN_TENANTS: "reject" }, "unknownTenants", "reject"],
  [["--backup-every", "6h"], { POSTHORN_BACKUP_EVERY: "6h" }, "backupEvery", 6 * 3_600_000],
  [["--backup-to", "/backup"], { POSTHORN_BACKUP_TO: "/backup" }, "backupTo", "/backup"],
  [["--backup-keep", "7"], { POSTHORN_BACKUP_KEEP: "7" }, "backupKeep", 7],
  [["--retain-jobs", "7d"], { POSTHORN_RETAIN_JOBS: "168h" }, "retainJobs", 7 * 86_400_000],
  [["--retain-size", "20GiB"], { POSTHORN_RETAIN_SIZE: "20GiB" }, "retainSize", 20 * 2 ** 30],
  [
    ["--retain-succeeded-size", "5GiB"],
    { POSTHORN_RETAIN_SUCCEEDED_SIZE: "5GiB" },
    "retainSucceededSize",
    5 * 2 ** 30,
  ],
  [["--retain-failed-size", "1GiB"], { POSTHORN_RETAIN_FAILED_SIZE: "1GiB" }, "retainFailedSize", 2 ** 30],
  [["--retain-succeeded", "1d"], { POSTHORN_RETAIN_SUCCEEDED: "24h" }, "retainSucceeded", 86_400_000],
  [["--retain-audit", "90d"], { POSTHORN_RETAIN_AUDIT: "90d" }, "retainAudit", 90 * 86_400_000],
  [["--retain-failed", "90d"], { POSTHORN_RETAIN_FAILED: "90d" }, "retainFailed", 90 * 86_400_000],
  [["--retain-keys", "1h30m"], { POSTHORN_RETAIN_KEYS: "90m" }, "retainKeys", 5_400_000],
  [["--drain-timeout", "500ms"], { POSTHORN_DRAIN_TIMEOUT: "0.5s" }, "drainTimeout", 500],
  [["--breaker-failures", "3"], { POSTHORN_BREAKER_FAILURES: "3" }, "breakerFailures", 3],
  [
    ["--disable-failing-after", "36h"],
    { POSTHORN_DISABLE_FAILING_AFTER: "36h" },
    "disableFailingAfter",
    36 * 3_600_000,
  ],
  [
    ["--operational-url", "https://alerts.example.com/"],
    { POSTHORN_OPERATIONAL_URL: "https://alerts.example.com/" },
    "operationalUrl",
    "https://alerts.example.com/",
  ],
  [
    ["--operational-secret", "whsec_c2VjcmV0"],
    { POSTHORN_OPERATIONAL_SECRET: "whsec_c2VjcmV0" },
    "operationalSecret",
    "whsec_c2VjcmV0",
  ],
  [["--log-level", "debug"], { POSTHORN_LOG_LEVEL: "debug" }, "logLevel", "debug"],
  [["--attempt-traces", "child"], { POSTHORN_ATTEMPT_TRACES: "child" }, "attemptTraces", "child"],
  [["--log-successes"], { POSTHORN_LOG_SUCCESSES: "true" }, "logSuccesses", true],
  [["--metrics-endpoints", "50"], { POSTHORN_METRICS_ENDPOINTS: "50" }, "metricsEndpoints", 50],
  [["--propagate-trace"], { POSTHORN_PROPAGATE_TRACE: "1" }, "propagateTrace", true],
  [
    ["--trace-url", "https://grafana.example.com/trace/{trace_id}"],
    { POSTHORN_TRACE_URL: "https://grafana.example.com/trace/{trace_id}" },
    "traceUrl",
    "https://grafana.example.com/trace/{trace_id}",
  ],
  [["--json"], { POSTHORN_JSON: "yes" }, "json", true],
];

for (const [flag, env, name, value] of SERVE_SETTINGS) {
  test(`serve takes ${flag[0]}, or ${Object.keys(env)[0]}`, async () => {
    assert.deepEqual((await parsed(["serve", ...flag]))[name], value);
    assert.deepEqual((await parsed(["serve"], env))[name], value);
  });
}

test("every setting of the server, and of the worker, stands in the table above", () => {
  const tested = new Set(SERVE_SETTINGS.map(([flag]) => flag[0]));
  const program = createProgram(new RecordedIo());
  for (const name of ["serve", "worker"])
    for (const { long } of subcommand(program, name).options) assert.ok(long && tested.has(long), long);
});

test("--tasks may be given several times, and then its variable no longer counts", async () => {
  const argv = ["worker", "--tasks", "a.ts", "--tasks", "b.ts,c.ts"];
  assert.deepEqual((await parsed(argv, { POSTHORN_TASKS: "d.ts" })).tasks, ["a.ts", "b.ts", "c.ts"]);
});

test("a flag wins over its variable, and an empty variable counts as unset", async () => {
  assert.equal((await parsed(["serve", "--port", "1"], { POSTHORN_PORT: "2" })).port, 1);
  assert.equal((await parsed(["serve"], { POSTHORN_PORT: "" })).port, 8000);
});

test("a switch's variable can say no", async () => {
  const off = await parsed(["serve"], { POSTHORN_DEV: "false", POSTHORN_NO_WORKER: "0" });
  assert.equal(off.dev, false);
  assert.equal(off.worker, true);
});

test("global flags stand before or after the command", async () => {
  assert.equal((await parsed(["--json", "serve"])).json, true);
  assert.equal((await parsed(["serve", "--json"])).json, true);
});

const BAD_VALUES: [flag: string, variable: string, value: string, takes: RegExp][] = [
  ["--port", "POSTHORN_PORT", "65536", /whole number from 0 to 65535/],
  ["--port", "POSTHORN_PORT", "8e3", /whole number/],
  ["--concurrency", "POSTHORN_CONCURRENCY", "0", /whole number from 1 to/],
  ["--drain-timeout", "POSTHORN_DRAIN_TIMEOUT", "30", /a duration, such as 500ms, 30s/],
  ["--retain-jobs", "POSTHORN_RETAIN_JOBS", "a month", /a duration/],
  ["--retain-failed", "POSTHORN_RETAIN_FAILED", "forever", /a duration/],
  ["--max-body", "POSTHORN_MAX_BODY", "1 potato", /is not a size; write it like .*1MiB/],
  ["--duplicate-keys", "POSTHORN_DUPLICATE_KEYS", "ignore", /one of: replay, reject/],
  ["--log-level", "POSTHORN_LOG_LEVEL", "loud", /one of: trace, debug, info, warn, error, silent/],
];

for (const [flag, variable, value, takes] of BAD_VALUES) {
  test(`${flag} ${value} is refused, naming flag or variable and what it takes`, async () => {
    const byFlag = await ran(["serve", flag, value]);
    assert.equal(byFlag.code, 1);
    assert.ok(byFlag.stderr.includes(flag) && byFlag.stderr.includes(value), byFlag.stderr);
    assert.match(byFlag.stderr, takes);

    const byVariable = await ran(["serve"], { [variable]: value });
    assert.equal(byVariable.code, 1);
    assert.ok(byVariable.stderr.includes(`${variable}=${value}`), byVariable.stderr);
    assert.match(byVariable.stderr, takes);
  });
}

test("an empty value is refused where it would mean something else than intended", async () => {
  const flags = [
    "--tasks",
    "--host",
    "--database",
    "--schema",
    "--egress-proxy",
    "--egress-address",
    "--backup-to",
  ];
  for (const flag of flags)
    for (const value of ["", " "]) {
      const { code, stderr } = await ran(["serve", flag, value]);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`'${flag} .*It is empty; leave the option out, or give it a value`));
    }
  const { code, stderr } = await ran(["worker"], { POSTHORN_TASKS: "," });
  assert.equal(code, 1);
  assert.match(stderr, /POSTHORN_TASKS=, is invalid\. It is empty/);
});

test("--dev with a host that others can reach is refused", async () => {
  const { code, stderr } = await ran(["serve", "--dev", "--host", "0.0.0.0"]);
  assert.equal(code, 1);
  assert.match(stderr, /--dev .* loopback only, not on --host 0\.0\.0\.0 \(POSTHORN_HOST\)/);
});

test("a setting that does nothing without another is refused", async () => {
  const cases: [argv: string[], env: NodeJS.ProcessEnv, says: RegExp][] = [
    [["--svix-organization", "any"], {}, /--svix-organization does nothing without --svix-jwt-secret/],
    [[], { POSTHORN_SVIX_ORGANIZATION: "any" }, /POSTHORN_SVIX_ORGANIZATION does nothing without/],
    [
      ["--no-console", "--trace-url", "https://t.example.com/{trace_id}"],
      {},
      /--trace-url does nothing with/,
    ],
  ];
  for (const [argv, env, says] of cases) {
    const { code, stderr } = await ran(["serve", ...argv], env);
    assert.equal(code, 1);
    assert.match(stderr, says);
  }
});

test("alone it shows help, and succeeds", async () => {
  const { code, stdout, stderr } = await ran([]);
  assert.equal(code, 0);
  assert.equal(stderr, "");
  for (const name of [
    "serve",
    "worker",
    "listen",
    "jobs",
    "enqueue",
    "tasks",
    "schedules",
    "workers",
    "keys",
    "secret",
    "migrate",
  ])
    assert.match(stdout, new RegExp(name));
});

test("each command's help names all its flags, their variables, and the global ones", async () => {
  for (const command of everyCommand(createProgram(new RecordedIo()))) {
    const path = pathOf(command);
    const { code, stdout } = await ran([...path, "--help"]);
    assert.equal(code, 0, path.join(" "));
    for (const option of command.options) {
      assert.ok(stdout.includes(option.flags), `${path.join(" ")} ${option.flags}`);
      if (option instanceof Setting) assert.ok(stdout.includes(`[${option.variable}]`), option.variable);
    }
    assert.ok(stdout.includes("--database <file>") && stdout.includes("--json"), path.join(" "));
  }
});

function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [];
}

test("help says no default twice, and none that a command does not use", async () => {
  const program = createProgram(new RecordedIo());
  for (const command of everyCommand(program)) {
    const help = command.createHelp();
    for (const option of command.options) {
      const shown = help.optionDescription(option);
      assert.ok((shown.match(/default: |preset: /g)?.length ?? 0) <= 1, `${command.name()} ${shown}`);
    }
  }
  const retention = subcommand(program, "prune").options.find(({ long }) => long === "--retain-jobs");
  assert.match(retention?.description ?? "", /^how long finished jobs are kept \(required\)/);
  assert.deepEqual([retention?.defaultValue, (await parsed(["prune"])).retainJobs], [undefined, undefined]);
  const watched = [["doctor", "--watch"], ["doctor", "--watch", "5m"], ["doctor"]];
  const every = await Promise.all(watched.map(async (argv) => (await parsed(argv)).watch));
  assert.deepEqual(every, [true, 300_000, undefined]);
});

test("a mistyped command or flag is answered with the one that was probably meant", async () => {
  assert.match((await ran(["sevre"])).stderr, /unknown command 'sevre' \(Did you mean serve\?\)/);
  assert.match((await ran(["jobs", "list", "--stats", "failed"])).stderr, /Did you mean --status\?/);
  assert.equal((await ran(["sevre"])).code, 1);
});

test("errors are one JSON line on standard error when JSON is asked for", async () => {
  for (const [argv, env] of [
    [["serve", "--port", "x", "--json"], {}],
    [["serve", "--port", "x"], { POSTHORN_JSON: "true" }],
  ] as const) {
    const { code, stdout, stderr } = await ran(argv, env);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^\{.*\}\n$/);
    const { error } = JSON.parse(stderr);
    assert.equal(error.code, "usage");
    assert.match(error.message, /--port/);
  }
});

test("--version prints the package's version", async () => {
  const { code, stdout } = await ran(["--version"]);
  assert.equal(code, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/);
});
