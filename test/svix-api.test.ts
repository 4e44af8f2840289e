import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { JWT_SECRET, onBoth, problemsOf, refusalOf, SvixServer, svixToken } from "./support/svix.ts";

const postgres = scratchServer();

onBoth(
  () => postgres.newDatabase(),
  (database) => {
    let svix: SvixServer;
    before(async () => {
      svix = await SvixServer.open(await database());
    });
    after(() => svix.close());

    test("a token is taken that a self-hosted server would take, and an API key of ours", async () => {
      const token = async (claims: object) => ({ token: await svixToken({ ...claims }) });
      const { token: key } = await svix.keys.create({ name: "ours", role: "manage" });
      for (const options of [undefined, await token({ exp: undefined }), { token: key }])
        assert.equal((await svix.ask("GET /app", undefined, options)).status, 200);
      const other = await svixToken({}, "another secret");
      for (const wrong of ["", "x", "a.b.c", other, "phk_x"])
        assert.deepEqual(refusalOf(await svix.ask("GET /app", undefined, { token: wrong })), [
          401,
          "authentication_failed",
        ]);
      const secret = await svix.ask("GET /app", undefined, { token: JWT_SECRET });
      assert.deepEqual(refusalOf(secret), [401, "authentication_failed"]);
      assert.match(secret.body.detail, /secret/);
      const expired = await svix.ask("GET /app", undefined, await token({ exp: 1 }));
      assert.equal(expired.status, 401);
      for (const sub of ["usr_x", 5, undefined]) {
        const refused = await svix.ask("GET /app", undefined, await token({ sub }));
        assert.deepEqual(refusalOf(refused), [400, "bad_token"]);
      }
      const elsewhere = await svix.ask("GET /app", undefined, await token({ sub: "org_other" }));
      assert.deepEqual(refusalOf(elsewhere), [401, "authentication_failed"]);
    });

    test("paths may have extra slashes, and what does not exist is answered in a form that clients can read", async () => {
      const headers = { authorization: `Bearer ${await svixToken()}` };
      for (const path of ["/api/v1/app", "/api/v1/app/", "//api/v1/app", "//api/v1//app//"])
        assert.equal((await svix.fetch("GET", path, undefined, headers)).status, 200, path);
      for (const request of ["GET /nothing", "POST /app/x/nothing", "GET /", "PATCH /app"])
        assert.deepEqual(refusalOf(await svix.ask(request)), [404, "not_found"], request);
      for (const [request, name] of [
        ["GET /app/x/integration", "v1.integration"],
        ["GET /app/x/endpoint/y/transformation", "v1.endpoint.transformation"],
        ["POST /stream/x/events", "v1.stream"],
        ["POST /event-type/import/openapi", "v1.event-type.import-openapi"],
      ] as const) {
        const answer = await svix.ask(request, {});
        assert.deepEqual(refusalOf(answer), [501, "not_implemented"]);
        assert.ok(answer.body.detail.startsWith(`${name} `), answer.body.detail);
      }
      for (const path of ["/ingest/api/v1/source", "//ingest/api/v1/source/x/endpoint"])
        assert.equal((await svix.fetch("GET", path, undefined, headers)).status, 501, path);
      assert.equal((await svix.ask("GET /health")).status, 204);
      assert.equal((await svix.ask("GET /health/ping/")).status, 204);
      assert.equal((await svix.ask("HEAD /health/ping")).status, 204);
    });

    test("pages in browsers may only use an application's token", async () => {
      const preflight = await svix.fetch("OPTIONS", "/api/v1/app/x/endpoint", undefined, {
        origin: "https://acme.example",
        "access-control-request-headers": "authorization,svix-req-id",
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get("access-control-allow-origin"), "*");
      assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization,svix-req-id");
      assert.equal(preflight.headers.get("access-control-max-age"), "600");
      const { id } = await svix.newApp();
      const allowed = async (token: string) =>
        (await svix.ask(`GET /app/${id}`, undefined, { token })).headers.get("access-control-allow-origin");
      assert.equal(await allowed(await svixToken({ sub: id, org: "org_23rb8YdGqMT0qIzpgGwdXfHirMu" })), "*");
      assert.equal(await allowed(await svixToken()), null);
    });

    test("an application is made, replaced, changed field by field, and deleted", async () => {
      const made = await svix.ask("POST /app/", {
        name: "Acme",
        uid: "crud",
        throttleRate: 5,
        metadata: { a: "1" },
      });
      assert.equal(made.status, 201);
      const { id, createdAt, updatedAt, ...rest } = made.body;
      assert.match(id, /^app_/);
      assert.ok(!Number.isNaN(Date.parse(createdAt)) && !Number.isNaN(Date.parse(updatedAt)));
      assert.deepEqual(rest, {
        name: "Acme",
        uid: "crud",
        throttleRate: 5,
        rateLimit: 5,
        metadata: { a: "1" },
      });
      for (const name of [id, "crud"]) assert.deepEqual(await svix.get(`GET /app/${name}`), made.body);

      const put = await svix.ask(`PUT /app/${id}`, { name: "Acme Ltd", metadata: { b: "2" } });
      assert.equal(put.status, 200);
      assert.deepEqual(
        [put.body.name, put.body.uid, put.body.throttleRate, put.body.metadata],
        ["Acme Ltd", undefined, null, { b: "2" }],
      );
      const patched = async (body: object) => svix.get(`PATCH /app/${id}`, body);
      assert.equal((await patched({ uid: "other-crud" })).uid, "other-crud");
      assert.equal((await patched({ rateLimit: 7 })).throttleRate, 7);
      assert.equal((await patched({ name: "A" })).throttleRate, 7);
      assert.equal((await patched({ throttleRate: null })).throttleRate, null);
      assert.deepEqual((await patched({ metadata: { c: "3" } })).metadata, { c: "3" });
      assert.equal((await patched({ uid: null })).uid, undefined);
      for (const body of [{ name: "" }, { name: null }, { throttleRate: 0 }, { metadata: { a: 1 } }])
        assert.equal((await svix.ask(`PATCH /app/${id}`, body)).status, 422, JSON.stringify(body));

      const deleted = await svix.ask(`DELETE /app/${id}`);
      assert.deepEqual([deleted.status, deleted.body], [204, undefined]);
      for (const request of [
        `GET /app/${id}`,
        `DELETE /app/${id}`,
        `GET /app/${id}/endpoint`,
        `GET /app/${id}/msg`,
      ])
        assert.deepEqual(refusalOf(await svix.ask(request)), [404, "not_found"], request);
    });

    test("uids are unique, free after a deletion, and take what they may hold", async () => {
      const { id } = await svix.newApp({ uid: "taken" });
      assert.deepEqual(refusalOf(await svix.ask("POST /app", { name: "B", uid: "taken" })), [
        409,
        "conflict",
      ]);
      const other = await svix.newApp({ uid: "other" });
      assert.equal((await svix.ask(`PATCH /app/${other.id}`, { uid: "taken" })).status, 409);
      assert.equal((await svix.ask(`PUT /app/${other.id}`, { name: "B", uid: "taken" })).status, 409);
      await svix.ask(`DELETE /app/${id}`);
      assert.equal((await svix.ask(`PATCH /app/${other.id}`, { uid: "taken" })).body.uid, "taken");
      for (const uid of ["app_x", "a b", "ä", "", "x".repeat(257)])
        assert.deepEqual(problemsOf(await svix.ask("POST /app", { name: "B", uid })), ["body.uid"]);
      assert.deepEqual(problemsOf(await svix.ask("POST /app", {})), ["body.name"]);
      assert.deepEqual(problemsOf(await svix.ask("POST /app", "{")), ["body"]);
      assert.deepEqual(problemsOf(await svix.ask("POST /app", "[]")), ["body"]);
      const unknown = await svix.ask("PUT /app/put-made", { name: "C" });
      assert.deepEqual([unknown.status, unknown.body.uid], [201, "put-made"]);
      assert.equal((await svix.ask("PUT /app/put-made", { name: "D" })).status, 200);
    });

    test("get_if_exists answers with what exists; fifty simultaneous requests make one", async () => {
      const ask = (name: string) => svix.ask("POST /app?get_if_exists=true", { name, uid: "once" });
      const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => ask(`App ${n}`)));
      assert.equal(answers.filter(({ status }) => status === 201).length, 1);
      assert.equal(answers.filter(({ status }) => status === 200).length, 49);
      assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
      assert.equal((await ask("Later")).body.name, (await svix.get("GET /app/once")).name);
    });

    test("of requests with one idempotency key the first answer counts, whatever the others ask for", async () => {
      const key = { "idempotency-key": "app-1" };
      const first = await svix.ask("POST /app", { name: "First" }, key);
      const second = await svix.ask("POST /app", { name: "Second" }, key);
      assert.deepEqual([second.status, second.body], [201, first.body]);
      const other = await svix.ask("POST /app", { name: "Second" }, { "idempotency-key": "app-2" });
      assert.notEqual(other.body.id, first.body.id);
      const endpoint = (at: string) =>
        svix.ask(`POST /app/${at}/endpoint`, { url: "http://127.0.0.1:9/" }, key);
      const made = await endpoint(first.body.id);
      assert.equal((await endpoint(first.body.id)).body.id, made.body.id);
      assert.notEqual((await endpoint(other.body.id)).body.id, made.body.id);
      await svix.get(`PATCH /app/${first.body.id}/endpoint/${made.body.id}`, { disabled: true });
      const again = await endpoint(first.body.id);
      assert.deepEqual(
        [again.body.id, again.body.disabled],
        [made.body.id, true],
        "it stays as the first request left it",
      );
    });

    test("what is wrong with a query is reported as being in the query", async () => {
      const { id: app } = await svix.newApp();
      for (const [query, field] of [
        ["channel=a%20b", "query.channel.0"],
        ["event_types=a%20b", "query.event_types"],
        ["after=soon", "query.after"],
        ["iterator=BAD-$$$ITERATOR", "query.iterator"],
      ])
        assert.deepEqual(problemsOf(await svix.ask(`GET /app/${app}/msg?${query}`)), [field]);
      const filter = "exclude_apps_with_no_endpoints";
      assert.deepEqual(problemsOf(await svix.ask(`GET /app?${filter}=true`)), [`query.${filter}`]);
      assert.equal((await svix.ask(`GET /app?${filter}=false`)).status, 200);
    });

    test("an idempotency key may be as long as a header", async () => {
      const make = (key: string) => svix.ask("POST /app", { name: "Long" }, { "idempotency-key": key });
      const long = randomBytes(3_000).toString("hex");
      const first = await make(long);
      assert.equal(first.status, 201);
      assert.equal((await make(long)).body.id, first.body.id);
      assert.notEqual((await make(`${long}2`)).body.id, first.body.id);
    });

    test("lists go both ways, by iterators", async () => {
      const { id: app } = await svix.newApp();
      const ids: string[] = [];
      for (let n = 0; n < 7; n++)
        ids.push((await svix.get(`POST /app/${app}/endpoint`, { url: `http://127.0.0.1:9/${n}` })).id);
      const list = (query: string) => svix.get(`GET /app/${app}/endpoint?${query}`);
      const seen: string[] = [];
      let page = await list("limit=3&order=ascending");
      for (;;) {
        const on = page.data.map(({ id }: { id: string }) => id);
        seen.push(...on);
        assert.deepEqual([page.iterator, page.prevIterator], [on.at(-1), `-${on[0]}`]);
        if (page.done) break;
        page = await list(`limit=3&order=ascending&iterator=${page.iterator}`);
      }
      assert.deepEqual(seen, ids);
      const back = await list(`limit=3&order=ascending&iterator=${page.prevIterator}`);
      assert.deepEqual(
        back.data.map(({ id }: { id: string }) => id),
        ids.slice(3, 6),
      );
      assert.equal(back.done, false);
      const first = await list(`limit=3&order=ascending&iterator=${back.prevIterator}`);
      assert.deepEqual([first.data[0].id, first.done], [ids[0], true]);
      assert.deepEqual(
        (await list("limit=2")).data.map(({ id }: { id: string }) => id),
        ids.slice(-2).reverse(),
      );
      const empty = await list(`iterator=${ids[0]}`);
      assert.deepEqual(empty, { data: [], iterator: null, done: true });

      assert.deepEqual(problemsOf(await svix.ask("GET /app?limit=300")), ["query.limit"]);
      assert.deepEqual(refusalOf(await svix.ask("GET /app?limit=x")), [400, "generic_error"]);
      assert.deepEqual(problemsOf(await svix.ask("GET /app?iterator=BAD-$$$ITERATOR")), ["query.iterator"]);
      const apps = await svix.get("GET /app?limit=2");
      const next = await svix.get(`GET /app?limit=1&iterator=${apps.iterator}`);
      assert.ok(apps.data[0].id < apps.data[1].id && apps.data[1].id < next.data[0].id);
    });
  },
);
