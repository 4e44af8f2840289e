import assert from "node:assert/strict";
import { test } from "node:test";
import { openTestPosthorn } from "./testing.ts";

test("the events that were sent are listed with who gets them, who does not, and why", async (context) => {
  const posthorn = await openTestPosthorn();
  context.after(() => posthorn.close());
  const { endpoints } = posthorn.webhooks;
  const make = (options: object = {}) =>
    endpoints
      .create("acme", { url: "https://acme.example/", ...options })
      .then(({ endpoint }) => endpoint.id);
  const [all, paid, large] = [
    await make(),
    await make({ eventTypes: ["invoice.paid"] }),
    await make({ filter: { "$.cents": { gt: 1_000 } } }),
  ];
  const off = await make();
  await endpoints.disable("acme", off);
  await posthorn.webhooks.send({ tenant: "acme", type: "invoice.paid", payload: { cents: 5 } });
  await posthorn.webhooks.send({ tenant: "acme", type: "invoice.voided", payload: { cents: 5_000 } });
  const events = await posthorn.events();
  assert.deepEqual(
    events.map(({ type, payload, to }) => [type, payload, to]),
    [
      ["invoice.paid", { cents: 5 }, [all, paid].toSorted()],
      ["invoice.voided", { cents: 5_000 }, [all, large].toSorted()],
    ],
  );
  assert.deepEqual(
    events.map(({ notTo }) => notTo.toSorted((one, other) => (one.endpointId < other.endpointId ? -1 : 1))),
    [
      [
        { endpointId: large, reason: "filter" },
        { endpointId: off, reason: "disabled" },
      ],
      [{ endpointId: off, reason: "disabled" }],
    ],
  );
});
