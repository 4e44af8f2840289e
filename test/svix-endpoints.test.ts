import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { newAsymmetricSecret } from "../src/webhooks/signing/signing-key.ts";
import { onBoth, problemsOf, refusalOf, SvixServer } from "./support/svix.ts";

const postgres = scratchServer();

onBoth(
  () => postgres.newDatabase(),
  (database) => {
    let svix: SvixServer;
    before(async () => {
      svix = await SvixServer.open(await database());
    });
    after(() => svix.close());

    test("an endpoint has defaults, and each of its fields can be changed and cleared", async () => {
      const { id: app } = await svix.newApp();
      await svix.ask("POST /event-type", { name: "patch.one", description: "" });
      const made = await svix.ask(`POST /app/${app}/endpoint`, { url: "http://LOCALHOST.example" });
      assert.equal(made.status, 201);
      const { id, createdAt, updatedAt, ...rest } = made.body;
      assert.ok(createdAt && updatedAt);
      assert.deepEqual(rest, {
        url: "http://localhost.example/",
        description: "",
        uid: null,
        version: 1,
        disabled: false,
        eventTypes: null,
        filterTypes: null,
        channels: null,
        throttleRate: null,
        rateLimit: null,
        metadata: {},
      });
      const path = `/app/${app}/endpoint/${id}`;
      const patched = async (body: object) => svix.get(`PATCH ${path}`, body);
      for (const [field, value, cleared] of [
        ["url", "http://127.0.0.1:9/new"],
        ["uid", "patched", null],
        ["description", "A place"],
        ["disabled", true],
        ["disabled", false],
        ["eventTypes", ["patch.one"], null],
        ["filterTypes", ["patch.one"], null],
        ["channels", ["eu"], null],
        ["throttleRate", 12, null],
        ["rateLimit", 13, null],
        ["metadata", { a: "1" }],
        ["version", 2],
      ] as const) {
        const before = await svix.get(`GET ${path}`);
        const changed = await patched({ [field]: value });
        assert.deepEqual(changed[field], value, field);
        assert.deepEqual(await svix.get(`GET ${path}`), changed);
        if (field !== "url") assert.equal(changed.url, before.url);
        if (cleared === null) assert.deepEqual((await patched({ [field]: null }))[field], null, field);
      }
      const put = await svix.ask(`PUT ${path}`, { url: "https://acme.example/hooks" });
      assert.equal(put.status, 200);
      assert.deepEqual(
        { ...put.body, updatedAt: 0, createdAt: 0 },
        { ...made.body, url: "https://acme.example/hooks", updatedAt: 0, createdAt: 0 },
      );
      const upserted = await svix.ask(`PUT /app/${app}/endpoint/by-put`, { url: "http://127.0.0.1:9/" });
      assert.deepEqual([upserted.status, upserted.body.uid], [201, "by-put"]);
      const { id: other } = await svix.newApp();
      for (const request of [`GET /app/${other}/endpoint/${id}`, `DELETE /app/${other}/endpoint/${id}`])
        assert.deepEqual(refusalOf(await svix.ask(request)), [404, "not_found"]);
      assert.equal((await svix.ask(`DELETE ${path}`)).status, 204);
      assert.equal((await svix.ask(`GET ${path}`)).status, 404);
    });

    test("an endpoint that is made disabled has never been enabled", async () => {
      const { id: app } = await svix.newApp();
      const { endpoints } = svix.posthorn.webhooks;
      const url = "http://127.0.0.1:9/";
      for (const request of [`POST /app/${app}/endpoint`, `PUT /app/${app}/endpoint/off`]) {
        const { id, disabled } = await svix.get(request, { url, disabled: true });
        assert.equal(disabled, true);
        assert.deepEqual(await endpoints.history(app, id), [], "nothing was changed after it was made");
        assert.equal(
          (await svix.get(`PATCH /app/${app}/endpoint/${id}`, { disabled: false })).disabled,
          false,
        );
      }
    });

    test("an invalid endpoint is refused by field", async () => {
      const { id: app } = await svix.newApp();
      await svix.ask("POST /event-type", { name: "known.type", description: "" });
      await svix.ask("POST /event-type", { name: "old.type", description: "", archived: true });
      const url = "http://127.0.0.1:9/";
      for (const [body, field] of [
        [{}, "body.url"],
        [{ url: "nothing" }, "body.url"],
        [{ url: "http://10.0.0.1/" }, "body.url"],
        [{ url, eventTypes: ["known.type", "unknown.type"] }, "body.eventTypes"],
        [{ url, filterTypes: ["old.type"] }, "body.eventTypes"],
        [{ url, channels: [] }, "body.channels"],
        [{ url, channels: ["a b"] }, "body.channels.0"],
        [{ url, uid: "ep_x" }, "body.uid"],
        [{ url, throttleRate: 65_536 }, "body.throttleRate"],
        [{ url, version: 0 }, "body.version"],
        [{ url, secret: "secret" }, "body.secret"],
        [{ url, headers: { "x-amz-date": "1" } }, "body.headers.x-amz-date"],
      ] as const)
        assert.deepEqual(problemsOf(await svix.ask(`POST /app/${app}/endpoint`, body)), [field]);
      const all = await svix.ask(`POST /app/${app}/endpoint`, { url, filterTypes: [] });
      assert.deepEqual([all.status, all.body.eventTypes], [201, null]);
      const some = await svix.ask(`POST /app/${app}/endpoint`, {
        url,
        eventTypes: ["known.type"],
        uid: "some",
      });
      assert.deepEqual(some.body.filterTypes, ["known.type"]);
      assert.deepEqual(refusalOf(await svix.ask(`POST /app/${app}/endpoint`, { url, uid: "some" })), [
        409,
        "conflict",
      ]);
      await svix.ask("DELETE /event-type/known.type");
      assert.equal(
        (await svix.ask(`PUT /app/${app}/endpoint/some`, { url, eventTypes: ["known.type"] })).status,
        200,
      );
    });

    test("a secret is given or made, shown, and rotated, which is answered by the client's version", async () => {
      const { id: app } = await svix.newApp();
      const secret = `whsec_${Buffer.alloc(24, 3).toString("base64")}`;
      const { id } = await svix.get(`POST /app/${app}/endpoint`, { url: "http://127.0.0.1:9/", secret });
      const path = `/app/${app}/endpoint/${id}/secret`;
      assert.deepEqual(await svix.get(`GET ${path}`), { key: secret });
      const plain = await svix.ask(`POST ${path}/rotate`, {});
      assert.deepEqual([plain.status, plain.body], [204, undefined]);
      const { key } = await svix.get(`GET ${path}`);
      assert.match(key, /^whsec_/);
      assert.notEqual(key, secret);
      for (const [agent, status] of [
        ["svix-libs/2.6.9/python", 204],
        ["svix-libs/2.7.0/python", 200],
        ["svix-libs/2.10.0/javascript", 200],
        ["svix-libs/1.99.1/java", 204],
      ] as const) {
        const rotated = await svix.ask(`POST ${path}/rotate`, { key: secret }, { "user-agent": agent });
        assert.deepEqual(
          [rotated.status, rotated.body],
          [status, status === 200 ? { key: secret } : undefined],
        );
      }
      for (const bad of ["secret", "whsec_x", "whsec_", `whsec_${Buffer.alloc(16).toString("base64")}`])
        assert.deepEqual(problemsOf(await svix.ask(`POST ${path}/rotate`, { key: bad })), ["body.key"]);
      for (let n = 0; n < 6; n++) await svix.ask(`POST ${path}/rotate`);
      assert.deepEqual(refusalOf(await svix.ask(`POST ${path}/rotate`)), [400, "limit_reached"]);

      const { id: other } = await svix.get(`POST /app/${app}/endpoint`, { url: "http://127.0.0.1:9/" });
      const patched = await svix.ask(`PATCH /app/${app}/endpoint/${other}`, { secret, description: "x" });
      assert.deepEqual(
        [patched.status, patched.body.description, patched.body.secret],
        [200, "x", undefined],
      );
      assert.deepEqual(await svix.get(`GET /app/${app}/endpoint/${other}/secret`), { key: secret });
      assert.deepEqual(
        problemsOf(await svix.ask(`PATCH /app/${app}/endpoint/${other}`, { secret: "x", description: "y" })),
        ["body.secret"],
      );
      assert.equal((await svix.get(`GET /app/${app}/endpoint/${other}`)).description, "x");

      const asymmetric = newAsymmetricSecret();
      const { id: ed } = await svix.get(`POST /app/${app}/endpoint`, {
        url: "http://127.0.0.1:9/",
        secret: asymmetric,
      });
      assert.match((await svix.get(`GET /app/${app}/endpoint/${ed}/secret`)).key, /^whpk_/);
    });

    test("headers are set, changed, refused, and shown but for what is sensitive", async () => {
      const { id: app } = await svix.newApp();
      const { id } = await svix.get(`POST /app/${app}/endpoint`, { url: "http://127.0.0.1:9/" });
      const path = `/app/${app}/endpoint/${id}/headers`;
      const set = await svix.ask(`PUT ${path}`, { headers: { Foo: "1", "X-Api-Key": "k" } });
      assert.deepEqual([set.status, set.body], [204, undefined]);
      assert.deepEqual(await svix.get(`GET ${path}`), { headers: { Foo: "1" }, sensitive: ["X-Api-Key"] });
      assert.equal((await svix.ask(`PATCH ${path}`, { headers: { foo: null, Bar: "2" } })).status, 204);
      assert.deepEqual(await svix.get(`GET ${path}`), { headers: { Bar: "2" }, sensitive: ["X-Api-Key"] });
      for (const name of [
        "user-agent",
        "Content-Type",
        "X-Svix-A",
        "svix-id",
        "some:thing",
        "a\0",
        "te",
        "x-goog-a",
      ])
        assert.equal((await svix.ask(`PUT ${path}`, { headers: { [name]: "1" } })).status, 422, name);
      assert.equal((await svix.ask(`PUT ${path}`, { headers: {} })).status, 204);
      assert.deepEqual(await svix.get(`GET ${path}`), { headers: {}, sensitive: [] });
    });
  },
);
