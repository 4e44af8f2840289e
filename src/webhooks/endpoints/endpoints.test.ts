import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  ConflictError,
  InvalidInputError,
  KeyReusedError,
  NotFoundError,
  openPosthorn,
  silentLog,
} from "../../posthorn.ts";

async function setUp(t: TestContext) {
  const posthorn = await openPosthorn({
    database: ":memory:",
    worker: false,
    log: silentLog,
    masterKey: Buffer.alloc(32, 1).toString("base64"),
  });
  t.after(() => posthorn.close());
  return posthorn.webhooks;
}

const URL_1 = "https://192.0.2.1.example/hooks";

function isCode(code: string) {
  return (error: unknown) => error instanceof Error && "code" in error && error.code === code;
}

test("the first endpoint of a tenant makes the tenant; both are found by uid and by id", async (t) => {
  const { tenants, endpoints } = await setUp(t);
  const { endpoint, warnings } = await endpoints.create("acme", { url: URL_1, uid: "main" });
  assert.deepEqual(warnings, []);
  const tenant = await tenants.get("acme");
  assert.deepEqual([tenant.id, tenant.madeBy], [endpoint.tenantId, "endpoint"]);
  for (const [of, name] of [
    ["acme", "main"],
    [tenant.id, endpoint.id],
  ] as const)
    assert.deepEqual(await endpoints.get(of, name), endpoint);
  for (const name of ["other", "ep_01k9zq3v7n8r2m4w6x8y0z1a3b", "../main", ""])
    await assert.rejects(endpoints.get("acme", name), NotFoundError, name);
});

test("an endpoint may begin paused or disabled, and goes on from there", async (t) => {
  const { endpoints } = await setUp(t);
  const by = { actor: { name: "ops" }, reason: "not ready" };
  for (const [status, go] of [
    ["paused", "resume"],
    ["disabled", "enable"],
  ] as const) {
    const { endpoint } = await endpoints.create("acme", { url: URL_1, uid: status, status }, by);
    assert.deepEqual([endpoint.status, endpoint.statusReason], [status, "not ready"]);
    assert.deepEqual(await endpoints.history("acme", status), []);
    assert.equal((await endpoints.put("acme", status, { url: URL_1, status })).endpoint.status, status);
    await assert.rejects(endpoints.put("acme", status, { url: URL_1, status: "active" }), InvalidInputError);
    assert.equal((await endpoints[go]("acme", status)).status, "active");
  }
  const made = await endpoints.put("acme", "by-put", { url: URL_1, status: "paused" });
  assert.deepEqual([made.isNew, made.endpoint.status], [true, "paused"]);
  // @ts-expect-error no such status
  await assert.rejects(endpoints.create("acme", { url: URL_1, status: "off" }), InvalidInputError);
});

test("another tenant's endpoint is not found, whatever is asked of it", async (t) => {
  const { tenants, endpoints } = await setUp(t);
  await tenants.create({ uid: "other" });
  const { endpoint } = await endpoints.create("acme", { url: URL_1 });
  const { id } = endpoint;
  const asks = [
    () => endpoints.get("other", id),
    () => endpoints.patch("other", id, { description: "mine" }),
    () => endpoints.put("other", id, { url: URL_1 }),
    () => endpoints.delete("other", id),
    () => endpoints.secret("other", id),
    () => endpoints.rotateSecret("other", id),
  ];
  for (const ask of asks) await assert.rejects(ask(), isCode("endpoint_not_found"));
  assert.deepEqual((await endpoints.list("other")).data, []);
  assert.deepEqual(await endpoints.get("acme", id), endpoint);
});

test("a change keeps what is absent and clears what is null; a replacement resets what is absent", async (t) => {
  const { endpoints } = await setUp(t);
  const full = {
    url: URL_1,
    uid: "u",
    description: "d",
    eventTypes: ["a.*"],
    channels: ["c"],
    filter: { "$.a": 1 },
  };
  const made = await endpoints.create("acme", {
    ...full,
    headers: { "X-Key": "s3cret" },
    timeout: "5s",
    retry: { attempts: 3, delays: ["1s"] },
    limits: { concurrency: 2, rate: { limit: 5, per: "minute" }, ordered: true },
  });
  assert.deepEqual(made.endpoint.headers, ["X-Key"]);
  assert.deepEqual(made.endpoint.limits, {
    concurrency: 2,
    rate: { limit: 5, per: "minute" },
    ordered: true,
  });
  const patched = await endpoints.patch("acme", "u", { channels: null, description: "new", timeout: null });
  assert.deepEqual(
    { ...patched, updatedAt: 0 },
    { ...made.endpoint, channels: null, description: "new", timeout: null, updatedAt: 0 },
  );
  const { endpoint: put, isNew } = await endpoints.put("acme", "u", { url: URL_1 });
  assert.deepEqual(
    [isNew, put.id, put.uid, put.eventTypes, put.headers, put.limits],
    [false, made.endpoint.id, "u", null, [], null],
  );
  assert.equal((await endpoints.put("acme", "made", { url: URL_1 })).isNew, true);
});

test("a uid in use is refused, and is free again once its endpoint is deleted", async (t) => {
  const { endpoints } = await setUp(t);
  await endpoints.create("acme", { url: URL_1, uid: "a" });
  const { endpoint } = await endpoints.create("acme", { url: URL_1, uid: "b" });
  await assert.rejects(endpoints.create("acme", { url: URL_1, uid: "a" }), isCode("uid_taken"));
  await assert.rejects(endpoints.patch("acme", "b", { uid: "a" }), isCode("uid_taken"));
  await endpoints.create("else", { url: URL_1, uid: "a" });
  await endpoints.delete("acme", "a");
  await assert.rejects(endpoints.delete("acme", "a"), NotFoundError);
  assert.equal((await endpoints.patch("acme", "b", { uid: "a" })).id, endpoint.id);
});

test("all that is wrong with an endpoint is named at once, and no secret repeated", async (t) => {
  const { endpoints } = await setUp(t);
  const wrong: object = {
    url: 5,
    uid: "ep_x",
    eventTypes: [],
    channels: ["a b"],
    headerStyle: "x",
    timeout: 1,
    retry: { attempts: 0 },
    limits: { rate: { limit: 0, per: "day" } },
    metadata: { a: 1 },
    colour: "red",
  };
  await assert.rejects(endpoints.create("acme", wrong as never), (error) => {
    assert.ok(error instanceof InvalidInputError);
    const paths = error.problems.map(({ path }) => path.join("."));
    assert.deepEqual(paths.sort(), [
      "channels.0",
      "colour",
      "eventTypes",
      "headerStyle",
      "limits.rate.limit",
      "limits.rate.per",
      "metadata.a",
      "retry.attempts",
      "timeout",
      "uid",
      "url",
    ]);
    return true;
  });
  await assert.rejects(endpoints.create("acme", { url: "http://127.0.0.1/" }), /url: .*public/s);
  await assert.rejects(
    endpoints.create("acme", { url: URL_1, secret: "whsec_s3cret" }),
    (error) => error instanceof InvalidInputError && !error.message.includes("s3cret"),
  );
});

test("rotation signs with the new secret and, for a while, the old ones; ten at once and no more", async (t) => {
  const { endpoints } = await setUp(t);
  const { endpoint } = await endpoints.create("acme", { url: URL_1 });
  const { secret: first } = await endpoints.secret("acme", endpoint.id);
  const { secret: second } = await endpoints.rotateSecret("acme", endpoint.id);
  assert.notEqual(first, second);
  assert.deepEqual(await endpoints.secret("acme", endpoint.id), { secret: second });
  for (let n = 0; n < 8; n++) await endpoints.rotateSecret("acme", endpoint.id);
  await assert.rejects(
    endpoints.rotateSecret("acme", endpoint.id),
    (error) => error instanceof ConflictError && error.code === "too_many_secrets",
  );
  const asymmetric = await endpoints.create("acme", { url: URL_1, signature: "ed25519" });
  const view = await endpoints.secret("acme", asymmetric.endpoint.id);
  assert.match(view.secret, /^whsk_/);
  assert.match(view.publicKey ?? "", /^whpk_/);
});

test("repeated rotations with one idempotency key are one rotation, also when they race", async (t) => {
  const { endpoints } = await setUp(t);
  const { endpoint } = await endpoints.create("acme", { url: URL_1 });
  const rotate = (key: string, fingerprint = "{}") =>
    endpoints.rotateSecret("acme", endpoint.id, {}, undefined, { scope: "s", key, fingerprint });
  const raced = await Promise.all(Array.from({ length: 4 }, () => rotate("k")));
  assert.equal(new Set(raced.map(({ secret }) => secret)).size, 1);
  assert.equal(raced.filter(({ replayed }) => replayed).length, 3);
  const other = await rotate("l");
  assert.notEqual(other.secret, raced[0]?.secret);
  assert.deepEqual(await rotate("k"), { ...raced[0], replayed: true });
  assert.deepEqual(await endpoints.secret("acme", endpoint.id), { secret: other.secret });
  assert.equal((await endpoints.history("acme", endpoint.id)).length, 2);
  await assert.rejects(rotate("k", "another"), KeyReusedError);
});

test("two endpoints of a tenant may have one URL, with a warning", async (t) => {
  const { endpoints } = await setUp(t);
  const { endpoint } = await endpoints.create("acme", { url: URL_1 });
  const { warnings } = await endpoints.create("acme", { url: URL_1 });
  assert.match(warnings.join(), new RegExp(endpoint.id));
  assert.deepEqual((await endpoints.create("else", { url: URL_1 })).warnings, []);
});

test("changes are kept with what they changed, who made them and why, without secrets", async (t) => {
  const { endpoints } = await setUp(t);
  const { endpoint } = await endpoints.create("acme", { url: URL_1, headers: { "x-key": "s3cret" } });
  await endpoints.patch(
    "acme",
    endpoint.id,
    { description: "d", headers: { "x-key": "other" } },
    { actor: "key_1", reason: "asked" },
  );
  await endpoints.rotateSecret("acme", endpoint.id);
  const history = await endpoints.history("acme", endpoint.id);
  assert.deepEqual(
    history.map(({ actor, reason, change }) => [actor, reason, change]),
    [
      [null, null, { secrets: ["[hidden]", "[hidden]"] }],
      ["key_1", "asked", { description: ["", "d"], headers: ["[hidden]", "[hidden]"] }],
    ],
  );
});

test("pages of endpoints follow each other both ways", async (t) => {
  const { endpoints } = await setUp(t);
  for (let n = 0; n < 5; n++) await endpoints.create("acme", { url: `${URL_1}/${n}` });
  const first = await endpoints.list("acme", { limit: 2 });
  const second = await endpoints.list("acme", { limit: 2, after: first.nextCursor ?? "" });
  const third = await endpoints.list("acme", { limit: 2, after: second.nextCursor ?? "" });
  const urls = [first, second, third].flatMap(({ data }) => data.map(({ url }) => url.at(-1)));
  assert.deepEqual([urls.join(""), first.prevCursor, third.nextCursor], ["43210", null, null]);
  const back = await endpoints.list("acme", { limit: 2, before: third.prevCursor ?? "" });
  assert.deepEqual(back.data, second.data);
});
