import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { withStore } from "../src/cli/database.ts";
import { ran } from "../src/cli/test-kit/recorded-io.ts";
import { temporaryFolder } from "../src/cli/test-kit/temporary-folder.ts";
import { type EndpointsDocument, InvalidInputError } from "../src/posthorn.ts";
import { open } from "./support/posthorn.ts";
import { type Delivery, Receiver } from "./support/receiver.ts";
import { scratchDatabase } from "./support/scratch.ts";

const [CURRENT, OLD] = [1, 2].map((n) => `whsec_${Buffer.alloc(32, n).toString("base64")}`);
const ID = "ep_01k9zq3v7n8r2m4w6x8y0z1a3b";
const ALLOW = { allowTargets: ["127.0.0.1"] };

function documentFor(url: string): EndpointsDocument {
  const secrets = [{ secret: CURRENT ?? "" }, { secret: OLD ?? "", until: "2999-01-01T00:00:00Z" }];
  return {
    tenants: [
      {
        uid: "acme",
        name: "Acme Ltd",
        metadata: { plan: "pro" },
        endpoints: [
          {
            ...{ id: ID, url: `${url}/a`, secrets, headerStyle: "svix", headers: { "x-own": "kept" } },
            ...{ eventTypes: ["invoice.*"], channels: null, metadata: { region: "eu" } },
          },
          { uid: "off", url: `${url}/off`, secrets: [{ secret: CURRENT ?? "" }], status: "disabled" },
        ],
      },
      { uid: "empty", endpoints: [] },
    ],
  };
}

function verify(secret: string | undefined, { text, headers }: Delivery): void {
  const given = ["id", "timestamp", "signature"].map((name) => [
    `webhook-${name}`,
    String(headers[`svix-${name}`]),
  ]);
  new Webhook(secret ?? "").verify(text, Object.fromEntries(given), { jsonParse: false });
}

test("imported endpoints get events as they did from their former sender: same secrets, names and headers", async (t) => {
  const posthorn = await open(t, ALLOW);
  const receiver = await Receiver.start(t);
  const document = documentFor(receiver.url);
  const made = { tenants: { created: 2, existing: 0 }, endpoints: { created: 2, existing: 0 } };
  assert.deepEqual(await posthorn.webhooks.importEndpoints(document, { dryRun: true }), made);
  assert.deepEqual((await posthorn.webhooks.tenants.list()).data, [], "a dry run makes nothing");
  assert.deepEqual(await posthorn.webhooks.importEndpoints(document), made);

  await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: { n: 1 } });
  const delivery = await receiver.nth(0);
  for (const secret of [CURRENT, OLD]) verify(secret, delivery);
  assert.deepEqual(
    [delivery.path, delivery.headers["x-own"], delivery.headers["webhook-id"]],
    ["/a", "kept", undefined],
  );
  const { endpoints } = posthorn.webhooks;
  const kept = await endpoints.get("acme", ID);
  assert.deepEqual(
    [kept.metadata, kept.eventTypes, kept.status],
    [{ region: "eu" }, ["invoice.*"], "active"],
  );
  assert.equal((await endpoints.get("acme", "off")).status, "disabled");

  await endpoints.patch("acme", "off", { description: "changed since" });
  assert.deepEqual(await posthorn.webhooks.importEndpoints(document), {
    tenants: { created: 0, existing: 2 },
    endpoints: { created: 0, existing: 2 },
  });
  assert.equal(
    (await endpoints.get("acme", "off")).description,
    "changed since",
    "what is there stays as it is",
  );
});

test("the whole document is checked before anything is made, and each mistake is reported with its place", async (t) => {
  const posthorn = await open(t, ALLOW);
  const secrets = [{ secret: CURRENT }];
  const problemsOf = async (document: unknown): Promise<string[]> => {
    try {
      await posthorn.webhooks.importEndpoints(document as EndpointsDocument); // wrong on purpose
    } catch (error) {
      assert.ok(error instanceof InvalidInputError);
      return error.problems.map(({ path, detail }) => `${path.join(".")} ${detail}`);
    }
    return [];
  };
  const url = "https://example.com/hooks";
  const wrong = {
    tenants: [
      { uid: "good", endpoints: [{ uid: "a", url, secrets }] },
      {
        uid: "acme",
        endpoints: [
          { url, secrets, event_types: [] },
          { uid: "a", url: "ftp://x", secrets: [{ secret: "hunter2" }] },
          { uid: "a", url, secrets: [{ secret: CURRENT, until: "2999-01-01T00:00:00Z" }, { secret: OLD }] },
          {
            uid: "b",
            id: "ep_2abc",
            url,
            secrets: [],
            status: "gone",
            verification: { method: "challenge" },
          },
          { uid: "c", url, secrets },
          { uid: "c", url, secrets },
        ],
      },
      { uid: "acme", endpoints: {} },
    ],
  };
  const told = await problemsOf(wrong);
  for (const expected of [
    /^tenants\.1\.endpoints\.0\.uid is required if there is no id$/,
    /^tenants\.1\.endpoints\.0\.event_types is unknown/,
    /^tenants\.1\.endpoints\.1\.secrets\.0\.secret (?!.*hunter2)/,
    /^tenants\.1\.endpoints\.2\.secrets\.0\.until is for the secrets after the first/,
    /^tenants\.1\.endpoints\.2\.secrets\.1\.until is required after the first$/,
    /^tenants\.1\.endpoints\.3\.id must be an id of Posthorn's/,
    /^tenants\.1\.endpoints\.3\.status must be one of/,
    /^tenants\.1\.endpoints\.3\.verification cannot be imported/,
    /^tenants\.1\.endpoints\.3\.secrets must be a list of 1 to 10/,
    /^tenants\.1\.endpoints\.5 has the uid or id of endpoints\.4 of this tenant$/,
    /^tenants\.2\.endpoints must be a list$/,
    /^tenants\.2\.uid is also that of tenants\.1$/,
  ])
    assert.ok(
      told.some((each) => expected.test(each)),
      `${expected} is not among ${told.join("\n")}`,
    );
  const private_ = { tenants: [{ uid: "a", endpoints: [{ uid: "a", url: "http://10.0.0.1/", secrets }] }] };
  assert.match(
    (await problemsOf(private_))[0] ?? "",
    /^tenants\.0\.endpoints\.0\.url 10\.0\.0\.1 is not a public/,
  );
  assert.deepEqual((await posthorn.webhooks.tenants.list()).data, []);
});

async function database(): Promise<string> {
  const file = scratchDatabase();
  await withStore(file, async () => {});
  return file;
}

test("a file is imported from the command line, by the names of the API", async (t) => {
  const at = join(temporaryFolder(t), "endpoints.json");
  const secrets = [{ secret: CURRENT }];
  const endpoint = {
    uid: "a",
    url: "http://127.0.0.1:9/",
    secrets,
    event_types: ["a_b.*"],
    headers: { x_y: "1" },
  };
  writeFileSync(
    at,
    JSON.stringify({ tenants: [{ uid: "acme", metadata: { a_b: "c" }, endpoints: [endpoint] }] }),
  );
  const file = await database();
  const posthorn = (...argv: string[]) => ran([...argv, "--database", file]);
  const dry = await posthorn("endpoints", "import", at, "--dry-run", "--allow-targets", "127.0.0.1");
  assert.match(dry.stdout, /^1 endpoint would be created, 0 already exist; 1 tenant would be created\n$/);
  const refused = await posthorn("endpoints", "import", at);
  assert.match(
    refused.stderr,
    /nothing was imported:\n {2}tenants\[0\]\.endpoints\[0\]\.url 127\.0\.0\.1 is not a public/,
  );
  const done = await posthorn("endpoints", "import", at, "--allow-targets", "127.0.0.1", "--json");
  assert.deepEqual(JSON.parse(done.stdout).endpoints, { created: 1, existing: 0 });
  const shown = JSON.parse((await posthorn("endpoints", "show", "acme", "a", "--json")).stdout);
  assert.deepEqual([shown.event_types, shown.headers], [["a_b.*"], ["x_y"]]);
  assert.equal((await posthorn("endpoints", "import")).code, 1);
  const guide = readFileSync(new URL("../docs/moving.md", import.meta.url), "utf8");
  writeFileSync(at, /```json\n([^`]*)```/.exec(guide)?.[1] ?? "");
  const documented = await posthorn("endpoints", "import", at, "--dry-run");
  assert.match(documented.stdout, /^1 endpoint would be created, 0 already exist/, documented.stderr);
});

test("applications and endpoints of Svix's API are taken over, page by page, with their secrets", async (t) => {
  const asked: string[] = [];
  const answers: Readonly<Record<string, unknown>> = {
    "/api/v1/app/?limit=250": {
      data: [{ id: "app_1abc", name: "Acme", uid: "acme" }],
      done: false,
      iterator: "i 1",
    },
    "/api/v1/app/?limit=250&iterator=i%201": {
      data: [{ id: "app_2abc", name: "Else" }],
      done: true,
      iterator: null,
    },
    "/api/v1/app/app_1abc/endpoint/?limit=250": {
      data: [
        {
          ...{
            id: "ep_2xyz",
            url: "http://127.0.0.1:9/a",
            description: "d",
            filterTypes: ["a.b"],
            channels: ["c"],
          },
          ...{ disabled: true, throttleRate: 7, metadata: { k: "v" } },
        },
      ],
      ...{ done: true, iterator: null },
    },
    "/api/v1/app/app_2abc/endpoint/?limit=250": {
      data: [{ id: "ep_3xyz", uid: "ed", url: "http://127.0.0.1:9/b", eventTypes: ["c.d"] }],
      ...{ done: true, iterator: null },
    },
    "/api/v1/app/app_2abc/endpoint/ep_3xyz/secret/": { key: "whpk_cHVibGlj" },
    "/api/v1/app/app_2abc/endpoint/ep_3xyz/headers/": { headers: {} },
    "/api/v1/app/app_1abc/endpoint/ep_2xyz/secret/": { key: CURRENT },
    "/api/v1/app/app_1abc/endpoint/ep_2xyz/headers/": {
      headers: { "X-Own": "1" },
      sensitive: ["authorization"],
    },
  };
  const server = createServer((request, response) => {
    asked.push(request.headers.authorization ?? "");
    const answer = answers[request.url ?? ""];
    response.writeHead(answer ? 200 : 404).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`; // it listens on TCP
  const file = await database();
  const posthorn = (...argv: string[]) => ran([...argv, "--database", file, "--json"]);
  const from = ["--from-svix", url, "--allow-targets", "127.0.0.1"];
  assert.match((await posthorn("endpoints", "import", ...from)).stderr, /needs --svix-token/);
  const done = JSON.parse((await posthorn("endpoints", "import", ...from, "--svix-token", "s3cret")).stdout);
  assert.deepEqual([done.tenants.created, done.endpoints.created], [2, 2]);
  assert.deepEqual(done.remarks, [
    "ep_2xyz: Svix does not give the value of its header authorization; set it by hand",
    "ed: Svix gives only the public half of its key; tell its receiver the new one",
  ]);
  assert.deepEqual(new Set(asked), new Set(["Bearer s3cret"]));
  const shown = JSON.parse((await posthorn("endpoints", "show", "acme", "svix.ep_2xyz")).stdout);
  const { description, event_types, channels, status, header_style, headers, limits, metadata } = shown;
  assert.deepEqual(
    { description, event_types, channels, status, header_style, headers, limits, metadata },
    {
      ...{
        description: "d",
        event_types: ["a.b"],
        channels: ["c"],
        status: "disabled",
        header_style: "both",
      },
      ...{ headers: ["X-Own"], limits: { rate: { limit: 7, per: "second" } }, metadata: { k: "v" } },
    },
  );
  assert.equal(
    JSON.parse((await posthorn("endpoints", "secret", "acme", "svix.ep_2xyz")).stdout).secret,
    CURRENT,
  );
  assert.match((await posthorn("tenants", "show", "svix.app_2abc")).stdout, /Else/);
  const ed = JSON.parse((await posthorn("endpoints", "show", "svix.app_2abc", "ed")).stdout);
  assert.deepEqual([ed.event_types, ed.signature, ed.status], [["c.d"], "ed25519", "active"]);
});
