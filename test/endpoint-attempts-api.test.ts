import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointAttemptAnswer, endpointAttemptPage } from "../src/http/schemas/attempt.ts";
import { sentAnswer } from "../src/http/schemas/event.ts";
import { problemOf } from "../src/http/test-kit/problem-of.ts";
import { platformApi } from "./support/platform-api.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";

test("each attempt to deliver has an id of its own, and is listed by its endpoint and by its event", async (t) => {
  const { ask, get } = await platformApi(t);
  const answers: (readonly [number, string])[] = [
    [500, "oh"],
    [200, "ok"],
  ];
  const { url } = await Receiver.start(t, (delivery) => {
    const [status, body] = answers.shift() ?? [404, ""];
    delivery.answer(status, body);
  });
  const made = await (await ask("POST /tenants/acme/endpoints", { url, retry: { attempts: 1 } })).json();
  const { endpoint_id, tenant } = made as { endpoint_id: string; tenant: string };
  const send = async (type: string) => {
    const answer = await ask("POST /webhooks/events", { tenant: "acme", type, event_id: type, payload: 1 });
    const { event_id } = sentAnswer.parse(await answer.json());
    const list = async () =>
      endpointAttemptPage.parse(
        await get(`/tenants/acme/events/${event_id}/attempts?endpoint=${endpoint_id}`),
      );
    const { data } = await until("it has been attempted", async () => {
      const page = await list();
      return page.data.length > 0 && page;
    });
    assert.ok(data[0]);
    return data[0];
  };
  const failed = await send("invoice.sent");
  const succeeded = await send("invoice.paid");
  assert.deepEqual(
    [failed.outcome, failed.http_status, failed.class, failed.response, failed.type, failed.tenant],
    ["failed", 500, "5xx", "oh", "invoice.sent", tenant],
  );
  assert.deepEqual(
    [succeeded.outcome, succeeded.endpoint_id, succeeded.response],
    ["succeeded", endpoint_id, "ok"],
  );
  assert.deepEqual(
    endpointAttemptAnswer.parse(await get(`/tenants/${tenant}/attempts/${failed.attempt_id}`)),
    failed,
  );

  const listed = async (query: string) =>
    endpointAttemptPage.parse(await get(`/tenants/acme/endpoints/${endpoint_id}/attempts${query}`));
  assert.deepEqual((await listed("")).data, [succeeded, failed]);
  for (const query of [
    "status=failed",
    "class=5xx",
    "type=invoice.sent",
    "http_status_from=300",
    "http_status_before=501&http_status_from=500",
  ])
    assert.deepEqual((await listed(`?${query}`)).data, [failed], query);
  const first = await listed("?limit=1");
  assert.deepEqual([first.data, first.prev_cursor, first.complete], [[succeeded], null, true]);
  const second = await listed(`?limit=1&cursor=${first.next_cursor}`);
  assert.deepEqual([second.data, second.next_cursor], [[failed], null]);
  assert.deepEqual((await listed(`?limit=1&cursor=${second.prev_cursor}`)).data, [succeeded]);

  for (const path of ["endpoints/ep_x/attempts", "events/x/attempts", "attempts/atmpt_x", `attempts/${made}`])
    assert.equal((await ask(`GET /tenants/acme/${path}`)).status, 404, path);
  await ask("POST /tenants", { uid: "other" });
  const others = await ask(`GET /tenants/other/attempts/${failed.attempt_id}`);
  assert.equal((await problemOf(others, 404)).code, "attempt_not_found");
  for (const query of ["?status=lost", "?class=x", "?http_status_from=x", "?cursor=YXg", "?channel=%20"])
    assert.equal(
      (await ask(`GET /tenants/acme/endpoints/${endpoint_id}/attempts${query}`)).status,
      422,
      query,
    );
});
