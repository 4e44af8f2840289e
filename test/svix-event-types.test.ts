import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { scratchServer } from "../src/store/postgres/test-kit/scratch.ts";
import { onBoth, refusalOf, SvixServer } from "./support/svix.ts";

const postgres = scratchServer();

onBoth(
  () => postgres.newDatabase(),
  (database) => {
    let svix: SvixServer;
    before(async () => {
      svix = await SvixServer.open(await database());
    });
    after(() => svix.close());

    test("an event type is made, changed, archived, brought back, and expunged", async () => {
      const schemas = { "1": { type: "object", title: "One" } };
      const made = await svix.ask("POST /event-type", { name: "type.one", description: "One", schemas });
      assert.equal(made.status, 201);
      const { createdAt, updatedAt, ...rest } = made.body;
      assert.ok(createdAt && updatedAt);
      const fields = { archived: false, deprecated: false, featureFlag: null };
      assert.deepEqual(rest, { name: "type.one", description: "One", schemas, ...fields });
      assert.deepEqual(refusalOf(await svix.ask("POST /event-type", { name: "type.one", description: "" })), [
        409,
        "event_type_exists",
      ]);
      const patched = async (body: object) => svix.get("PATCH /event-type/type.one", body);
      assert.equal((await patched({ description: "Two" })).description, "Two");
      assert.equal((await patched({ featureFlag: "beta" })).featureFlag, "beta");
      assert.deepEqual((await patched({ deprecated: true })).schemas, schemas);
      assert.deepEqual(
        [(await patched({ schemas: null })).schemas, (await patched({ featureFlag: null })).featureFlag],
        [null, null],
      );

      const names = async (query = "") =>
        (await svix.get(`GET /event-type?limit=250${query}`)).data.map(({ name }: { name: string }) => name);
      assert.equal((await svix.ask("DELETE /event-type/type.one")).status, 204);
      assert.equal((await names()).includes("type.one"), false);
      assert.equal((await names("&include_archived=true")).includes("type.one"), true);
      assert.equal((await svix.get("GET /event-type/type.one")).archived, true);
      assert.equal(
        (await svix.ask("POST /event-type", { name: "type.one", description: "Back" })).status,
        201,
      );
      assert.equal((await svix.get("GET /event-type/type.one")).description, "Back");
      const put = await svix.ask("PUT /event-type/type.two", { description: "Two", schemas });
      assert.deepEqual([put.status, put.body.archived], [201, false]);
      assert.equal((await svix.ask("PUT /event-type/type.two", { description: "Two" })).body.schemas, null);
      assert.equal((await svix.ask("DELETE /event-type/type.two?expunge=true")).status, 204);
      assert.deepEqual(refusalOf(await svix.ask("GET /event-type/type.two")), [404, "not_found"]);
      assert.equal((await svix.ask("PATCH /event-type/type.two", {})).status, 404);
      for (const body of [
        { name: "a b", description: "" },
        { name: "bad.schema", description: "", schemas: { "1": { readOnly: 15 } } },
        { name: "bad.schema", description: "", schemas: { "1": { type: "nothing" } } },
        { name: "no.description" },
      ])
        assert.equal((await svix.ask("POST /event-type", body)).status, 422, JSON.stringify(body));
    });

    test("a repeated request to bring an archived event type back is answered as the first was; of many, one brings it back", async () => {
      const body = { name: "type.back", description: "Back" };
      const make = (key: string, description = "Back") =>
        svix.ask("POST /event-type", { ...body, description }, { "idempotency-key": key });
      assert.equal((await make("back-1")).status, 201);
      assert.equal((await svix.ask("DELETE /event-type/type.back")).status, 204);
      const first = await make("back-2", "Again");
      assert.deepEqual([first.status, first.body.description, first.body.archived], [201, "Again", false]);
      const repeated = await make("back-2", "Again");
      assert.deepEqual([repeated.status, repeated.body], [201, first.body]);
      assert.deepEqual(refusalOf(await make("back-3")), [409, "event_type_exists"]);
      await svix.ask("DELETE /event-type/type.back");
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => make(`many-${n}`)));
      assert.deepEqual(answers.map(({ status }) => status).toSorted(), [
        201,
        ...Array.from({ length: 19 }, () => 409),
      ]);
    });

    test("a list of event types goes by name, and is without schemas unless they are asked for", async () => {
      const schemas = { "1": { type: "object" } };
      for (const name of ["list.c", "list.a", "list.b"])
        await svix.ask("POST /event-type", { name, description: "", schemas });
      const page = await svix.get("GET /event-type?limit=2&iterator=list");
      assert.deepEqual(
        page.data.map(({ name }: { name: string }) => name),
        ["list.a", "list.b"],
      );
      assert.deepEqual([page.iterator, page.prevIterator, page.done], ["list.b", "-list.a", false]);
      assert.equal(page.data[0].schemas, null);
      const whole = await svix.get("GET /event-type?limit=1&iterator=list&with_content=true");
      assert.deepEqual(whole.data[0].schemas, schemas);
    });
  },
);
