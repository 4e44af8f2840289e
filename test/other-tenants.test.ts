import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Keys } from "../src/access/keys.ts";
import { systemClock } from "../src/core/clock.ts";
import { type App, createApp } from "../src/http/app.ts";
import { openPosthorn, type Posthorn, silentLog } from "../src/posthorn.ts";
import { storeOf } from "../src/store/store-of.ts";
import { claimReady, settleAll } from "./support/batches.ts";
import { MASTER_KEY } from "./support/endpoints.ts";

const NOBODYS = ["app_01k9zq3v7n8r2m4w6x8y0z1a3b", "msg_01k9zq3v7n8r2m4w6x8y0z1a3b", "nobody"] as const;

interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
}

/** What a caller of one tenant learns by naming what another tenant has: exactly what it learns of what nobody has. */
describe("what belongs to another tenant", () => {
  let posthorn: Posthorn;
  let app: App;
  let paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  /** All ids and names of the other tenant. */
  let theirs: readonly string[];
  let ids: Readonly<Record<string, string>>;
  let callers: readonly (readonly [who: string, token: string])[];

  before(async () => {
    posthorn = await openPosthorn({
      ...{ database: ":memory:", worker: false, log: silentLog, allowTargets: ["127.0.0.1"] },
      masterKey: MASTER_KEY,
    });
    const keys = new Keys(storeOf(posthorn).keys, systemClock);
    app = createApp(posthorn, { access: { mode: "keys", keys }, clock: systemClock });
    const { webhooks } = posthorn;
    await webhooks.endpoints.create("mine", { uid: "own", url: "http://127.0.0.1:9/" });
    const { endpoint } = await webhooks.endpoints.create("theirs", {
      ...{ uid: "their-endpoint", url: "http://127.0.0.1:9/" },
    });
    const sent = { type: "a", payload: { n: 1 }, tags: ["their-tag"], eventId: "their-event" };
    const { eventId } = await webhooks.send({ tenant: "theirs", ...sent });
    await settleAll(storeOf(posthorn), await claimReady(storeOf(posthorn), 1));
    const { eventId: second } = await webhooks.send({ tenant: "theirs", type: "a", payload: 2 });
    const [job] = await posthorn.jobs.list({ event: second });
    const [attempt] = (await webhooks.attempts.ofEndpoint("theirs", endpoint.id)).data;
    const { run } = await posthorn.bulk.start({ action: "redeliver", filter: { tenant: "theirs" } });
    const { id: tenant } = await webhooks.tenants.get("theirs");
    const { id: mine } = await webhooks.tenants.get("mine");
    ids = {
      ...{ tenant, endpoint: endpoint.id, event: eventId, job_id: job?.id ?? "", bulk_run: run.id },
      ...{ attempt: attempt?.id ?? "", app: tenant, msg: eventId, session_id: "theirs" },
    };
    theirs = [...Object.values(ids), "theirs", "their-endpoint", "their-event", "their-tag", eventId];
    assert.ok(theirs.every((id) => id !== ""));
    const { token } = await keys.create({ name: "mine", role: "manage", tenant: mine });
    const session = await webhooks.portal.create("mine");
    callers = [
      ["a key", token],
      ["a session of the portal", session.token],
    ];
    const { token: admin } = await keys.create({ name: "all", role: "admin" });
    ({ paths } = JSON.parse((await ask(admin, "GET", "/openapi.json")).text));
  });

  after(() => posthorn.close());

  async function ask(token: string, method: string, path: string, body?: unknown) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const answer = await app.fetch(new Request(`http://127.0.0.1:8000${path}`, init));
    const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
    if (isStream) await answer.body?.cancel();
    return { status: answer.status, text: isStream ? "a stream" : await answer.text() };
  }

  /** The answer shows nothing of theirs but what the request named, and is the same as for what does not exist. */
  function assertNoHint(
    told: { readonly status: number; readonly text: string },
    ofNobody: { readonly status: number; readonly text: string },
    asked: string,
    given: string,
  ): void {
    assert.equal(told.status, ofNobody.status, `${asked}: ${told.text}`);
    for (const id of theirs.filter((each) => !given.includes(each)))
      assert.ok(!told.text.includes(id), `${asked} tells ${id}`);
  }

  test("is found by no parameter of a query, and by no cursor", async () => {
    let asked = 0;
    for (const [who, token] of callers) {
      for (const [path, { get }] of Object.entries(paths)) {
        const names = get?.parameters.filter((each) => each.in === "query").map(({ name }) => name) ?? [];
        if (!get || /job_id|attempt|bulk_run|\{name\}|\{event\}/.test(path)) continue;
        const own = path.replace("{tenant}", "mine").replace("{endpoint}", "own");
        for (const name of names) {
          for (const value of theirs) {
            const sides = name === "cursor" ? ["", "a", "b"] : [""];
            for (const side of sides) {
              const cursor = Buffer.from(side + value).toString("base64url");
              const given = name === "cursor" ? cursor : encodeURIComponent(value);
              const told = await ask(token, "GET", `${own}?${name}=${given}`);
              assert.ok([200, 403, 404, 422].includes(told.status), `${who} ${own}?${name}: ${told.status}`);
              for (const id of theirs)
                assert.ok(
                  id === value || !told.text.includes(id),
                  `${who}: ${own}?${name}=${value} tells ${id}`,
                );
              asked++;
            }
          }
        }
      }
    }
    assert.ok(asked > 500, `${asked}`);
  });

  test("is in no bulk run, whatever its filter names", async () => {
    const [theirJob] = await posthorn.jobs.list({ tenant: ids.tenant ?? "" });
    const token = callers[0]?.[1] ?? "";
    const filters = [
      ...["theirs", ids.tenant].map((tenant) => [{ tenant }, { tenant: NOBODYS[2] }] as const),
      ...["their-endpoint", ids.endpoint].map(
        (endpoint) =>
          [
            { tenant: "mine", endpoint },
            { tenant: "mine", endpoint: NOBODYS[2] },
          ] as const,
      ),
      [{ ids: [ids.job_id] }, { ids: ["job_01k9zq3v7n8r2m4w6x8y0z1a3b"] }] as const,
      [{ bulk: ids.bulk_run }, { bulk: "qtask_01k9zq3v7n8r2m4w6x8y0z1a3b" }] as const,
      [{ tag: "their-tag" }, { tag: NOBODYS[2] }] as const,
      [{ lane: theirJob?.lane }, { lane: NOBODYS[2] }] as const,
    ];
    for (const action of ["redeliver", "cancel", "run_now"])
      for (const [filter, nobodys] of filters)
        for (const dry_run of [true, false]) {
          const body = (of: object) => ({ action, filter: of, dry_run, starts_in: "0s" });
          const told = await ask(token, "POST", "/bulk", body(filter));
          const given = JSON.stringify(filter);
          assertNoHint(told, await ask(token, "POST", "/bulk", body(nobodys)), `/bulk ${given}`, given);
          if (dry_run && told.status === 200) assert.match(told.text, /"matched":\{"n":0,/);
        }
  });

  test("is in no stream, and under no path of Svix's API", async () => {
    for (const [, token] of callers) {
      const job = ids.job_id ?? "";
      const stream = await ask(token, "GET", `/jobs/${job}/events`);
      assertNoHint(
        stream,
        await ask(token, "GET", "/jobs/job_01k9zq3v7n8r2m4w6x8y0z1a3b/events"),
        "stream",
        job,
      );
      assert.notEqual(stream.status, 200);
      assert.equal((await ask(token, "GET", "/stats/live")).status, 403);
      for (const path of [
        ...["", "/endpoint", "/msg", "/endpoint/their-endpoint", "/endpoint/their-endpoint/secret"],
        ...[`/msg/${ids.msg}`, "/msg/their-event", `/msg/${ids.msg}/attempt`, `/msg/${ids.msg}/endpoint`],
        ...["/attempt/endpoint/their-endpoint", `/attempt/msg/${ids.msg}`, "/endpoint/their-endpoint/stats"],
      ]) {
        for (const app0 of ["theirs", ids.app ?? ""]) {
          const told = await ask(token, "GET", `/api/v1/app/${app0}${path}`);
          const nobodys = path.replace(/msg_\w+/, NOBODYS[1]).replace(/their-\w+/, "nobody");
          const ofNobody = await ask(token, "GET", `/api/v1/app/${NOBODYS[2]}${nobodys}`);
          assertNoHint(told, ofNobody, path, path + app0);
          assert.notEqual(told.status, 200, path);
        }
        if (path.includes("their-") || path.includes("msg_")) {
          // in one's own application
          const told = await ask(token, "GET", `/api/v1/app/mine${path}`);
          assert.notEqual(told.status, 200, `mine${path}: ${told.text}`);
          for (const id of theirs)
            assert.ok(path.includes(id) || !told.text.includes(id), `mine${path} tells ${id}`);
        }
      }
    }
  });
});
