import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { withStore } from "../database.ts";
import { createProgram } from "../program.ts";
import { RecordedIo, ran } from "../test-kit/recorded-io.ts";
import { temporaryFolder } from "../test-kit/temporary-folder.ts";
import { bodyOf } from "./fields.ts";

async function newDatabase(t: TestContext) {
  const database = join(temporaryFolder(t), "platform.db");
  await withStore(database, async () => {});
  return (...argv: string[]) => ran([...argv, "--database", database]);
}

test("fields are JSON where they are, as they are written, and strings otherwise", () => {
  assert.equal(
    bodyOf(["name=Acme Ltd", "a=1.0", "b=null", 'c=["x=y"]', "d=", 'e="7"']),
    '{"name":"Acme Ltd","a":1.0,"b":null,"c":["x=y"],"d":"","e":"7"}',
  );
  assert.throws(() => bodyOf(["name"]), /name=value/);
});

test("help names the fields that the API takes, no fewer and no more", async (t) => {
  const posthorn = await newDatabase(t);
  const verbs = createProgram(new RecordedIo()).commands.flatMap((noun) =>
    noun.commands.map((verb) => ({ noun, verb, fields: verb.registeredArguments.at(-1) })),
  );
  const taking = verbs.filter(({ fields }) => fields?.description.startsWith("name=value: "));
  assert.ok(taking.length > 15, `only ${taking.length} commands take fields`);
  for (const { noun, verb, fields } of taking) {
    const named = verb.registeredArguments.slice(0, -1).map(() => "x");
    const { stderr } = await posthorn(noun.name(), verb.name(), ...named, "oops=1");
    const known = fields?.description.replace("name=value: ", "").replaceAll(" (required)", "");
    assert.ok(stderr.includes(`oops: is unknown; valid names are ${known}`), `${verb.name()}: ${stderr}`);
  }
});

test("tenants, endpoints, event types and events are looked after on the database itself", async (t) => {
  const posthorn = await newDatabase(t);
  const json = async (...argv: string[]) => JSON.parse((await posthorn(...argv, "--json")).stdout);
  assert.equal((await json("tenants", "create", "uid=acme", "name=Acme Ltd")).name, "Acme Ltd");
  assert.match(
    (await posthorn("tenants", "list")).stdout,
    /^TENANT ID +UID +NAME +MODE +CREATED AT\napp_\w+ +acme +Acme Ltd +live/,
  );
  assert.equal((await json("tenants", "update", "acme", "name=null")).name, "");

  const at = ["url=http://127.0.0.1:9/", 'event_types=["invoice.*"]', "--allow-targets", "127.0.0.1"];
  const { endpoint_id } = await json("endpoints", "create", "acme", ...at);
  assert.match(
    (await posthorn("endpoints", "list", "acme")).stdout,
    /ep_\w+ +- +http:\/\/127.0.0.1:9\/ +\["invoice\.\*"\] +active/,
  );
  const { secret } = await json("endpoints", "secret", "acme", endpoint_id);
  assert.notEqual((await json("endpoints", "rotate", "acme", endpoint_id, "overlap=1h")).secret, secret);
  assert.equal((await json("endpoints", "history", "acme", endpoint_id)).data.length, 1);

  const paused = await json("endpoints", "pause", "acme", endpoint_id, "reason=their maintenance window");
  assert.deepEqual([paused.status, paused.status_reason], ["paused", "their maintenance window"]);
  assert.equal((await posthorn("endpoints", "enable", "acme", endpoint_id)).code, 1);
  assert.equal((await json("endpoints", "resume", "acme", endpoint_id)).status, "active");
  assert.equal(
    (await json("endpoints", "disable", "acme", endpoint_id, "queued=dropped")).status,
    "disabled",
  );
  assert.equal((await json("endpoints", "enable", "acme", endpoint_id)).status, "active");
  const update = ["endpoints", "update", "acme", endpoint_id];
  assert.equal(
    (await json(...update, "timeout=5s")).timeout,
    "5s",
    "the URL that it has is not checked again",
  );
  assert.match((await posthorn(...update, "url=http://127.0.0.1:10/")).stderr, /not a public address/);
  assert.equal((await json("endpoints", "health", "acme", endpoint_id)).breaker, "closed");
  const tried = await json("endpoints", "test", "acme", endpoint_id, "--allow-targets", "127.0.0.1");
  assert.deepEqual([tried.succeeded, tried.http_status], [false, null]);
  assert.match((await posthorn("endpoints", "verify", "acme", endpoint_id)).stderr, /verification/);

  await json(
    "event-types",
    "create",
    "name=invoice.paid",
    'schemas={"1":{"type":"object"}}',
    "enforce=refuse",
  );
  assert.match(
    (await posthorn("event-types", "list")).stdout,
    /^invoice\.paid +- +refuse +false$|^invoice\.paid + +refuse +false$/m,
  );
  const refused = await posthorn("events", "send", "tenant=acme", "type=invoice.paid", "payload=1");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /payload/);
  const { event_id, jobs } = await json(
    "events",
    "send",
    "tenant=acme",
    "type=invoice.paid",
    'payload={"id":42}',
  );
  assert.equal(jobs, 1);
  assert.deepEqual((await json("events", "show", event_id)).payload, { id: 42 });
  for (const tenant of [["--tenant", "acme"], ["tenant=acme"]])
    assert.match((await posthorn("events", "list", ...tenant)).stdout, /msg_\w+ +invoice\.paid +1 /);
  assert.match(
    (await posthorn("events", "list", "of=acme")).stderr,
    /of is not a condition .* limit, cursor, tenant/,
  );
  assert.match(
    (await posthorn("events", "jobs", event_id)).stdout,
    new RegExp(`job_\\w+ +${endpoint_id} +queued`),
  );

  assert.equal((await posthorn("endpoints", "delete", "acme", endpoint_id)).stdout, "done\n");
  const gone = await posthorn("endpoints", "show", "acme", endpoint_id);
  assert.deepEqual([gone.code, /there is no endpoint/.test(gone.stderr)], [1, true]);

  const bound = await json(
    "keys",
    "create",
    "--name",
    "acme",
    "--role",
    "manage",
    "--tenant",
    "acme",
    "--mode",
    "live",
  );
  assert.match(bound.tenant, /^app_/);
  assert.equal(
    (await posthorn("keys", "create", "--name", "x", "--role", "send", "--tenant", "none")).code,
    1,
  );
});
