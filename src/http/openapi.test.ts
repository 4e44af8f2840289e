import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FieldProblem } from "../core/errors.ts";
import { readHeaders } from "../webhooks/accept/delivery-headers.ts";
import { newSecret, parseSigningKey } from "../webhooks/signing/signing-key.ts";
import { pageFiles } from "./pages/bundled.ts";
import { cursorAfterJob } from "./request/cursor.ts";
import { idempotencyKey } from "./request/idempotency-key.ts";
import { deliverBody } from "./schemas/deliver.ts";
import {
  endpointAnswer,
  endpointBody,
  endpointChanges,
  endpointMade,
  rotateBody,
  secretAnswer,
} from "./schemas/endpoint.ts";
import { eventAnswer, eventBody, sentAnswer } from "./schemas/event.ts";
import { eventTypeAnswer, eventTypeBody, newEventType } from "./schemas/event-type.ts";
import { groupAnswer, scheduleAnswer, schedulePage, workerPage } from "./schemas/fleet.ts";
import { acceptedAnswer, jobAnswer } from "./schemas/job.ts";
import { redeliverBody } from "./schemas/redeliver.ts";
import { taskAnswer, taskBody, taskPage } from "./schemas/task.ts";
import { taskAcceptedAnswer, taskJobAnswer } from "./schemas/task-job.ts";
import { tenantAnswer, tenantBody, tenantChanges } from "./schemas/tenant.ts";
import { JOB_ID, testApp } from "./test-kit/fake-posthorn.ts";

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type JsonObject = { [name: string]: Json };

async function description(): Promise<JsonObject> {
  const answer = await testApp({ version: "1.2.3" }).ask("/openapi.json");
  assert.equal(answer.headers.get("content-type"), "application/json");
  return object((await answer.json()) as Json); // what response.json() gives is JSON
}

function object(value: Json | undefined): JsonObject {
  assert.ok(
    typeof value === "object" && value !== null && !Array.isArray(value),
    `${JSON.stringify(value)} is not an object`,
  );
  return value;
}

function list(value: Json | undefined): Json[] {
  assert.ok(Array.isArray(value), `${JSON.stringify(value)} is not a list`);
  return value;
}

function operationsOf({ paths }: JsonObject) {
  return Object.entries(object(paths)).flatMap(([path, methods]) =>
    Object.entries(object(methods)).map(([method, operation]) => ({
      path,
      method,
      operation: object(operation),
    })),
  );
}

function* everyObject(value: Json): Generator<JsonObject> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value;
  for (const inner of Object.values(value)) yield* everyObject(inner);
}

test("the description is OpenAPI 3.1 with all that the standard requires at its root", async () => {
  const { openapi, info, components, tags } = await description();
  assert.match(String(openapi), /^3\.1\.\d+$/);
  assert.equal(object(info).version, "1.2.3");
  assert.equal(typeof object(info).title, "string");
  assert.deepEqual(Object.keys(object(components)), ["schemas", "securitySchemes"]);
  assert.ok(list(tags).length > 0);
});

test("every route is described, and everything described is a route", async () => {
  const described = operationsOf(await description()).map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  );
  assert.deepEqual(described.toSorted(), testApp().app.operations.toSorted());
});

test("every described operation is really answered", async () => {
  const { ask } = testApp();
  const portal = await pageFiles("portal");
  for (const { method, path } of operationsOf(await description())) {
    const file = path.startsWith("/portal") ? portal.style : "page.css";
    const answer = await ask(path.replace("{file}", file).replace(/\{\w+\}/, "x"), {
      method: method.toUpperCase(),
    });
    const { code } = answer.status === 404 ? ((await answer.json()) as { code: string }) : { code: "" }; // a problem
    assert.ok(answer.status !== 405 && code !== "not_found", `${method} ${path}: ${answer.status}`);
  }
});

test("every reference leads somewhere, and every named schema is used", async () => {
  const document = await description();
  const names = Object.keys(object(object(document.components).schemas));
  const used = new Set<string>();
  for (const { $ref } of everyObject(document)) {
    if ($ref === undefined) continue;
    const name = String($ref).replace("#/components/schemas/", "");
    assert.ok(names.includes(name), `${$ref} leads nowhere`);
    used.add(name);
  }
  assert.deepEqual(names.toSorted(), [...used].toSorted());
});

test("operations have ids of their own, a tag that is declared, and a summary", async () => {
  const document = await description();
  const tags = list(document.tags).map((tag) => object(tag).name);
  const ids = operationsOf(document).map(({ operation }) => {
    for (const tag of list(operation.tags)) assert.ok(tags.includes(tag ?? null));
    assert.equal(typeof operation.summary, "string");
    return operation.operationId;
  });
  assert.equal(new Set(ids).size, ids.length);
});

test("every operational event is described as a webhook", async () => {
  const { webhooks, tags } = await description();
  const documented = readFileSync(new URL("../../docs/operational-events.md", import.meta.url), "utf8");
  const types = [...documented.matchAll(/^### `(posthorn\.\S+)`$/gm)].map(([, type]) => type);
  assert.deepEqual(Object.keys(object(webhooks)).toSorted(), types.toSorted());
  for (const [type, { post }] of Object.entries(object(webhooks)).map(
    ([type, each]) => [type, object(each)] as const,
  )) {
    const { operationId, tags: own, summary } = object(post);
    assert.equal(operationId, type);
    assert.equal(typeof summary, "string");
    for (const tag of list(own)) assert.ok(list(tags).some((each) => object(each).name === tag));
  }
});

test("the parameters in a path are declared, required, and no others", async () => {
  for (const { path, operation } of operationsOf(await description())) {
    const declared = list(operation.parameters).map(object);
    const inPath = declared.filter((parameter) => parameter.in === "path");
    assert.deepEqual(
      inPath.map(({ name, required }) => [`{${name}}`, required]),
      (path.match(/\{\w+\}/g) ?? []).map((name) => [name, true]),
    );
    const keys = declared.map((parameter) => `${parameter.in} ${parameter.name}`);
    assert.equal(new Set(keys).size, keys.length);
  }
});

test("every answer has a description and a type, and every problem is a Problem", async () => {
  for (const { operation } of operationsOf(await description())) {
    const responses = Object.entries(object(operation.responses));
    assert.ok(responses.length > 0);
    for (const [status, response] of responses) {
      assert.match(status, /^[1-5]\d\d$/);
      assert.equal(typeof object(response).description, "string");
      if (status === "204") {
        assert.ok(!("content" in object(response)));
        continue;
      }
      const content = object(object(response).content);
      if (Number(status) < 400) continue;
      assert.deepEqual(content, {
        "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
      });
    }
  }
});

test("every schema, every field and every parameter says what it is", async () => {
  const isExample = (name: string) => name === "example" || name === "examples";
  const text = JSON.stringify(await description(), (name, value) => (isExample(name) ? undefined : value));
  const document = object(JSON.parse(text) as Json); // it was written from one
  const isDescribed = (each: JsonObject) => "$ref" in each || String(each.description ?? "").length > 5;
  const silent: string[] = [];
  for (const { title, properties } of everyObject(document))
    for (const [name, field] of Object.entries(properties ?? {}))
      if (
        !isDescribed(object(field)) &&
        !list(object(field).anyOf ?? [])
          .map(object)
          .some(isDescribed)
      )
        silent.push(`${title ?? Object.keys(object(properties))}: ${name}`);
  for (const { method, path, operation } of operationsOf(document))
    for (const each of list(operation.parameters).map(object))
      if (!isDescribed(each)) silent.push(`${method} ${path}: ${each.name}`);
  for (const [name, schema] of Object.entries(object(object(document.components).schemas)))
    if (!isDescribed(object(schema))) silent.push(name);
  assert.deepEqual(silent, []);
});

test("schemas leave dialect and base to the document", async () => {
  for (const each of everyObject(await description())) {
    assert.ok(
      !("$schema" in each) && !("$id" in each) && !("id" in each && "type" in each && "properties" in each),
    );
  }
});

test("every example fits what it is an example of", async () => {
  const schemas = {
    DeliverRequest: deliverBody,
    RetryRequest: redeliverBody,
    Job: jobAnswer,
    Accepted: acceptedAnswer,
    Group: groupAnswer,
    Schedule: scheduleAnswer,
    SchedulePage: schedulePage,
    WorkerPage: workerPage,
    TaskRequest: taskBody,
    Task: taskAnswer,
    TaskPage: taskPage,
    TaskJob: taskJobAnswer,
    TaskAccepted: taskAcceptedAnswer,
    EventRequest: eventBody,
    SentEvent: sentAnswer,
    Event: eventAnswer,
    NewEventType: newEventType,
    EventTypeRequest: eventTypeBody,
    EventType: eventTypeAnswer,
    TenantRequest: tenantBody,
    TenantChanges: tenantChanges,
    Tenant: tenantAnswer,
    EndpointRequest: endpointBody,
    EndpointChanges: endpointChanges,
    Endpoint: endpointAnswer,
    NewEndpoint: endpointMade,
    RotateRequest: rotateBody,
    EndpointSecret: secretAnswer,
  };
  let checked = 0;
  for (const { schema, example, examples } of everyObject(await description())) {
    const name = schema && String(object(schema).$ref).replace("#/components/schemas/", "");
    const parser = Object.entries(schemas).find(([each]) => each === name)?.[1];
    if (!parser) continue;
    const named = Object.values(examples ?? {}).map((each) => object(each).value);
    for (const value of [...(example === undefined ? [] : [example]), ...named]) {
      parser.parse(value);
      checked++;
    }
  }
  assert.ok(checked >= 48, String(checked));
});

/** Whether a string is what a schema of the description says. */
function fits(schema: JsonObject, text: string): boolean {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const isMatched = pattern === undefined || new RegExp(String(pattern), "u").test(text);
  return isMatched && text.length >= Number(minLength) && text.length <= Number(maxLength);
}

function isTaken(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

test("what the API takes as a header's name and value, a key, a secret, an id or a cursor, its description says", async () => {
  const document = await description();
  const { DeliverRequest, EnqueueOptions } = object(object(document.components).schemas);
  const properties = object(object(DeliverRequest).properties);
  const headers = object(properties.headers);
  const problemsOf = (given: Record<string, string>) => {
    const problems: FieldProblem[] = [];
    readHeaders(given, problems);
    return problems;
  };
  for (const text of ["x-a", "a b", "", "x:", "ü", "X_1~"])
    assert.equal(fits(object(headers.propertyNames), text), problemsOf({ [text]: "1" }).length === 0, text);
  for (const text of ["a", "", " a", "a b", "a ", "ü", "a\tb", "\n"])
    assert.equal(
      fits(object(headers.additionalProperties), text),
      problemsOf({ a: text }).length === 0,
      text,
    );
  const many = Array.from({ length: Number(headers.maxProperties) + 1 }, (_, n) => [`h${n}`, "1"] as const);
  assert.equal(problemsOf(Object.fromEntries(many.slice(1))).length, 0);
  assert.equal(problemsOf(Object.fromEntries(many)).length, 1);
  for (const text of [newSecret(), "whsec_", "secret", "whpk_AAAA"])
    assert.equal(
      fits(object(properties.secret), text),
      isTaken(() => parseSigningKey(text)),
      text,
    );
  for (const [text, isOne] of [
    ["evt_1", true],
    ["", false],
    ["a.b", false],
    ["a b", false],
    ["x".repeat(257), false],
  ] as const)
    assert.equal(fits(object(properties.event_id), text), isOne, text);
  for (const schema of [DeliverRequest, EnqueueOptions])
    assert.deepEqual(object(schema).not, { required: ["delay", "run_at"] });

  const parameters = operationsOf(document).flatMap(({ operation }) =>
    list(operation.parameters).map(object),
  );
  const schemaOf = (name: string) => object(parameters.find((each) => each.name === name)?.schema);
  for (const text of ["a", '"a b"', '"a"b', "", '""', "a,b", "ü", '"\\"x\\\\"', "x".repeat(255), " a"])
    assert.equal(
      fits(schemaOf("Idempotency-Key"), text),
      isTaken(() => idempotencyKey(text)),
      text,
    );
  assert.ok(fits(schemaOf("cursor"), cursorAfterJob(JOB_ID)) && !fits(schemaOf("cursor"), ""));
});

test("an answer of JSON is never described as a string, and the kinds of field errors have names", async () => {
  const document = await description();
  for (const { method, path, operation } of operationsOf(document)) {
    for (const answer of Object.values(object(operation.responses)).map(object)) {
      const json = answer.content && object(answer.content)["application/json"];
      if (json) assert.notEqual(object(object(json).schema).type, "string", `${method} ${path}`);
    }
  }
  const { FieldError } = object(object(document.components).schemas);
  assert.deepEqual(
    list(object(FieldError).anyOf).map((each) => object(each).$ref),
    ["BodyError", "ParameterError", "HeaderError"].map((name) => `#/components/schemas/${name}`),
  );
});
