import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { newId } from "../src/core/id.ts";
import type { SvixOperation } from "../src/http/svix/operation.ts";
import { DEFAULT_ORGANIZATION } from "../src/http/svix/organization.ts";
import { SVIX_OPERATIONS } from "../src/http/svix/svix-api.ts";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { type Json, JWT_SECRET, onBoth, SvixServer, svixToken } from "./support/svix.ts";

const postgres = scratchServer();

type Ids = Readonly<Record<string, string>>;

const LISTS = [
  "/app",
  "/event-type",
  "/background-task",
  "/app/{app}/endpoint",
  "/app/{app}/msg",
  "/app/{app}/endpoint/{endpoint}/msg",
  "/app/{app}/msg/{msg}/endpoint",
  "/app/{app}/attempt/msg/{msg}",
  "/app/{app}/attempt/endpoint/{endpoint}",
] as const;

function filled(path: string, ids: Ids): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? name);
}

/** Of the form that they would have. */
function nobody(): Ids {
  return { app: newId("app"), endpoint: newId("ep"), msg: newId("msg"), task: newId("qtask") };
}

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function signed(header: object, claims: unknown, digest = "sha256"): string {
  const text = `${part(header)}.${part(claims)}`;
  return `${text}.${createHmac(digest, JWT_SECRET).update(text).digest("base64url")}`;
}

const SUB = { sub: DEFAULT_ORGANIZATION };
const HS256 = { alg: "HS256", typ: "JWT" };
const NOW = Math.floor(Date.now() / 1_000);
const GOOD = signed(HS256, SUB);

/** None of them is a token of the organization. */
const FORGED: readonly (readonly [what: string, token: string])[] = [
  ["no algorithm", `${part({ alg: "none" })}.${part(SUB)}.`],
  ["no algorithm, with a signature", signed({ alg: "none" }, SUB)],
  ["no algorithm in another case", signed({ alg: "nOnE" }, SUB)],
  ["another algorithm than it is signed with", signed({ alg: "HS512" }, SUB)],
  ["an algorithm of key pairs", signed({ alg: "RS256" }, SUB)],
  ["an unknown algorithm", signed({ alg: "HS1" }, SUB, "sha1")],
  ["an algorithm that is not a string", signed({ alg: ["HS256"] }, SUB)],
  ["extensions that have to be understood", signed({ ...HS256, crit: ["b64"], b64: false }, SUB)],
  ["no header", signed({}, SUB)],
  ["no signature", GOOD.slice(0, GOOD.lastIndexOf(".") + 1)],
  ["half a signature", GOOD.slice(0, -20)],
  ["a signature of other claims", `${part(HS256)}.${part({ ...SUB, a: 1 })}.${GOOD.split(".")[2]}`],
  ["claims that are not an object", signed(HS256, [SUB])],
  ["claims that are null", signed(HS256, null)],
  ["an end that has passed", signed(HS256, { ...SUB, exp: NOW - 3_600 })],
  ["an end that is not a number", signed(HS256, { ...SUB, exp: "never" })],
  ["a beginning in the future", signed(HS256, { ...SUB, nbf: NOW + 3_600 })],
  ["a beginning that is not a number", signed(HS256, { ...SUB, nbf: {} })],
  ["four parts", `${GOOD}.x`],
  ["five parts", `${part({ alg: "dir", enc: "A256GCM" })}..a.b.c`],
  ["parts that are not base64", "!!!.???.***"],
  ["parts that are not JSON", "YQ.YQ.YQ"],
  ["a key of ours that was never made", `ph_${"x".repeat(43)}`],
  ["a session of the portal that was never made", `phs_${"x".repeat(43)}`],
  ["too many bytes", signed(HS256, { ...SUB, padding: "x".repeat(1_000_000) }).slice(0, -1)],
  ["another's name", signed(HS256, { sub: "org_another" })],
];

onBoth(
  () => postgres.newDatabase(),
  (database) => {
    let svix: SvixServer;
    let ours: Ids;
    let others: Ids;
    let token: string;

    /** An application with one of everything, whose texts have a word in them. */
    async function owned(word: string): Promise<Ids> {
      const { id: app } = await svix.newApp({ name: `${word} name`, metadata: { word } });
      const { id: endpoint } = await svix.get(`POST /app/${app}/endpoint`, {
        url: `http://127.0.0.1:9/${word}`,
        description: word,
        metadata: { word },
      });
      const { id: msg } = await svix.get(`POST /app/${app}/msg`, {
        eventType: "a.b",
        payload: { word },
        tags: [word],
      });
      return { app, endpoint, msg, attempt: "atmpt_none", type: "a.b", task: newId("qtask") };
    }

    before(async () => {
      svix = await SvixServer.open(await database());
      ours = await owned("ours");
      others = await owned("hidden");
      token = await svixToken({ sub: ours.app, org: DEFAULT_ORGANIZATION });
    });
    after(() => svix.close());

    test("a token that was not made with the secret, for this organization and this time, is refused", async () => {
      assert.equal((await svix.ask("GET /app", undefined, { token: GOOD })).status, 200);
      for (const [what, forged] of FORGED) {
        const { status, body } = await svix.ask("GET /app", undefined, { token: forged });
        assert.deepEqual([status, body.code], [401, "authentication_failed"], what);
        assert.ok(!JSON.stringify(body).includes(JWT_SECRET), what);
      }
      for (const sub of ["app_x", ["org_x"], { org: 1 }, "", "ORG_x"]) {
        const { status } = await svix.ask("GET /app", undefined, { token: signed(HS256, { sub }) });
        assert.equal(status, 400, JSON.stringify(sub));
      }
    });

    test("an iterator of another list is refused", async () => {
      const keys = [ours.app, ours.endpoint, ours.msg, `${newId("job")}_1`, newId("qtask"), "x".repeat(300)];
      for (const list of LISTS) {
        const { data } = await svix.get(`GET ${filled(list, ours)}`);
        const own = String(data[0]?.id ?? "").split("_")[0];
        for (const key of keys)
          for (const iterator of [key, `-${key}`, `--${key}`]) {
            const { status } = await svix.ask(`GET ${filled(list, ours)}?iterator=${iterator}`);
            // names of event types may look like anything, and an id that is one of this list's is no stranger
            if (list === "/event-type" || key?.startsWith(`${own}_`)) assert.ok([200, 422].includes(status));
            else if (own !== "") assert.equal(status, 422, `${list} ${iterator}`);
          }
      }
      const page = await svix.get(`GET /app/${ours.app}/msg?iterator=${others.msg}`);
      assert.ok(
        !JSON.stringify(page).includes("hidden"),
        "another application's is a place in time, and no more",
      );
    });

    test("what is another application's is answered as what never was", async () => {
      const plain = ({ status, body }: { status: number; body: Json }, ids: Ids) => {
        if (status === 201) return [status]; // PUT makes what is not there
        const text = JSON.stringify(body) ?? "";
        return [status, Object.values(ids).reduce((left, id) => left.replaceAll(id, "ID"), text)];
      };
      const bodyOf = ({ id, method }: SvixOperation) =>
        method === "GET" || method === "DELETE" ? undefined : (BODIES[id] ?? {});
      for (const operation of SVIX_OPERATIONS) {
        const names = [...operation.path.matchAll(/\{(app|endpoint|msg)\}/g)].map(([, name = ""]) => name);
        for (const name of names) {
          // the rest of the path is ours, and there
          const asked = async (stranger: Ids) => {
            const ids = { ...ours, [name]: stranger[name] ?? "" };
            const request = `${operation.method} ${filled(operation.path, ids)}`;
            return plain(await svix.ask(request, bodyOf(operation), { token }), ids);
          };
          assert.deepEqual(await asked(others), await asked(nobody()), `${operation.id} ${name}`);
        }
      }
      assert.equal((await svix.ask(`GET /app/${others.app}/endpoint/${others.endpoint}`)).status, 200);
    });

    test("ids of another application in a body or a query lead nowhere", async () => {
      const { results } = await svix.get(`POST /app/${ours.app}/msg/bulk-expunge`, {
        ids: [others.msg, newId("msg")],
      });
      assert.deepEqual(Object.values(results), ["not-found", "not-found"]);
      const { payload } = await svix.get(`GET /app/${others.app}/msg/${others.msg}`);
      assert.deepEqual(payload, { word: "hidden" });
      const attempts = await svix.ask(
        `GET /app/${ours.app}/attempt/msg/${ours.msg}?endpoint_id=${others.endpoint}`,
      );
      assert.ok(!JSON.stringify(attempts.body).includes("hidden"));
      const { token: session } = await svix.get(`POST /auth/app-portal-access/${others.app}`, {
        sessionId: "theirs",
      });
      assert.equal(
        (await svix.ask(`POST /auth/app/${ours.app}/expire-all`, { sessionIds: ["theirs"] })).status,
        204,
      );
      assert.equal((await svix.ask(`GET /app/${others.app}`, undefined, { token: session })).status, 200);
      const sent = await svix.ask(`POST /app/${ours.app}/msg`, {
        eventType: "a.b",
        payload: {},
        application: { name: "hidden", uid: others.app },
      });
      assert.equal(sent.status, 202, "the application exists, so its description is ignored");
      assert.equal((await svix.get(`GET /app/${others.app}`)).name, "hidden name");
    });

    test("null in a field clears it where it may be empty, and is refused elsewhere", async () => {
      const { id: app } = await svix.newApp();
      const { id: endpoint } = await svix.get(`PUT /app/${app}/endpoint/nulls`, {
        url: "http://127.0.0.1:9/",
      });
      await svix.get("PUT /event-type/nulls", { description: "Nulls" });
      const full = {
        app: { name: "Full", uid: "nulls", throttleRate: 5, rateLimit: 5, metadata: { a: "1" } },
        endpoint: {
          ...{
            url: "http://127.0.0.1:9/full",
            uid: "nulls",
            description: "Full",
            disabled: true,
            version: 2,
          },
          ...{ eventTypes: ["nulls"], filterTypes: ["nulls"], channels: ["a"], metadata: { a: "1" } },
          ...{ throttleRate: 5, rateLimit: 5 },
        },
        type: {
          ...{
            description: "Full",
            archived: false,
            deprecated: true,
            featureFlag: "a",
            featureFlags: ["a"],
          },
          ...{ groupName: "Group", schemas: { 1: { type: "object" } } },
        },
      };
      const needed = new Set([
        "app.name",
        "endpoint.url",
        "endpoint.description",
        "endpoint.disabled",
        "type.description",
      ]);
      for (const [what, path, fields] of [
        ["app", `/app/${app}`, full.app],
        ["endpoint", `/app/${app}/endpoint/${endpoint}`, full.endpoint],
        ["type", "/event-type/nulls", full.type],
      ] as const)
        for (const field of Object.keys(fields)) {
          await svix.get(`PATCH ${path}`, fields);
          const { status, body } = await svix.ask(`PATCH ${path}`, { [field]: null });
          const isNeeded = needed.has(`${what}.${field}`);
          assert.equal(status, isNeeded ? 422 : 200, `${what}.${field}: ${JSON.stringify(body)}`);
          if (status === 422) assert.deepEqual(body.detail[0].loc, ["body", field]);
          else if (field === "metadata") assert.deepEqual(body.metadata, {});
          else if (field === "version") assert.equal(body.version, 2, "it has no empty value, so it stays");
          else assert.ok(!body[field], `${what}.${field}`);
          const all = Object.fromEntries(Object.keys(fields).map((name) => [name, null]));
          assert.equal((await svix.ask(`PATCH ${path}`, all)).status, 422);
        }
    });

    test("whatever an application's token asks for, with whatever in it, shows nothing of another application", async () => {
      const ids = fc.constantFrom(ours, others, nobody());
      const value = fc.oneof(
        fc.constantFrom<Json>(
          null,
          "",
          "a.b",
          -1,
          0,
          1.5,
          2 ** 53,
          true,
          [],
          {},
          "\0",
          "\ud800",
          "http://127.0.0.1:9/",
        ),
        fc.constantFrom<Json>(...Object.values(others), ...Object.values(ours)),
        fc.array(fc.constantFrom<Json>("a.b", null, 1, others.endpoint ?? ""), { maxLength: 3 }),
        fc.jsonValue({ maxDepth: 2 }),
      );
      const fields = fc.dictionary(fc.constantFrom(...FIELDS), value, { maxKeys: 5 });
      const query = fc.dictionary(fc.constantFrom(...PARAMETERS), fc.string({ maxLength: 12 }), {
        maxKeys: 3,
      });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...SVIX_OPERATIONS),
          fc.record({ app: ids, endpoint: ids, msg: ids }),
          fields,
          query,
          async ({ method, path }, chosen, body, parameters) => {
            const named = Object.fromEntries(
              Object.entries(chosen).map(([name, of]) => [name, of[name] ?? ""]),
            );
            const request = `${method} ${filled(path, { ...ours, ...named })}?${new URLSearchParams(parameters)}`;
            const isRead = method === "GET" || method === "DELETE";
            const answer = await svix.ask(request, isRead ? undefined : body, { token });
            assert.ok(answer.status < 500 || answer.status === 501, `${request}: ${answer.status}`);
            assert.ok(!JSON.stringify(answer.body ?? "").includes("hidden"), request);
          },
        ),
        { numRuns: 400 },
      );
      const { description } = await svix.get(`GET /app/${others.app}/endpoint/${others.endpoint}`);
      assert.equal(description, "hidden", "nothing of theirs was changed");
    });
  },
);

/** Bodies that would be taken. */
const BODIES: Readonly<Record<string, object>> = {
  "v1.endpoint.create": { url: "http://127.0.0.1:9/" },
  "v1.endpoint.update": { url: "http://127.0.0.1:9/" },
  "v1.endpoint.recover": { since: "2030-01-31T00:00:00Z" },
  "v1.endpoint.replay-missing": { since: "2030-01-31T00:00:00Z" },
  "v1.endpoint.bulk-replay": { since: "2030-01-31T00:00:00Z" },
  "v1.endpoint.update-headers": { headers: {} },
};

const FIELDS = [
  ...["name", "uid", "url", "description", "disabled", "eventTypes", "filterTypes", "channels", "metadata"],
  ...["throttleRate", "rateLimit", "secret", "headers", "deleteHeaders", "version", "key", "since", "until"],
  ...["gracePeriodSeconds", "status", "statusCodeClass", "tag", "channel", "__proto__", "constructor", "id"],
];

const PARAMETERS = [
  ...["limit", "iterator", "order", "before", "after", "since", "until", "channel", "tag", "event_types"],
  ...["status", "status_code_class", "endpoint_id", "with_content", "with_msg", "expanded_statuses"],
];
