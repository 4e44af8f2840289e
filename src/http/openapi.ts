import { z } from "zod";
import type { Answer, Operation, Parameter, Route } from "./route.ts";
import { namedSchemas } from "./schemas/named.ts";
import { operationalEvents } from "./schemas/operational-events.ts";
import { problemSchema } from "./schemas/problem.ts";

type JsonObject = Record<string, unknown>;

const SCHEMAS = "#/components/schemas/";

const DESCRIPTION = `Answer now, deliver for sure: every accepted request is on disk before it is answered, and is carried out in the background.

Errors are problem details (RFC 9457): \`code\` is stable, \`errors\` lists the invalid fields (up to 20).

Access: in dev mode, no key is required, and only requests from this machine are accepted. Otherwise every operation needs an API key as a bearer token, except the health checks, the docs page, and the pages of the portal. Each key has a role: \`read\` may look things up; \`send\` may also enqueue, deliver, redeliver, rerun and cancel; \`manage\` may also create and change tenants, endpoints and event types; \`admin\` may also pause, resume and remove schedules, manage keys, and read the whole audit. A key can be bound to a tenant, or to the tenants of a mode: it then sees only those tenants and their endpoints, events and deliveries, as if there were no others.

Idempotency keys are kept for 24 hours unless the server is configured otherwise. If it is configured to reject duplicates, every reuse of a key gets a 409.`;

/**
 * The API's description, OpenAPI 3.1, made from the routes and from the schemas that check requests.
 * @param version of this server.
 * @param basePath the prefix of its paths; empty at the root.
 */
export function openApiOf(routes: readonly Route[], version: string, basePath = ""): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.1",
    info: {
      title: "Posthorn",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description: DESCRIPTION,
    },
    servers: [{ url: basePath || "/" }],
    tags: [
      { name: "Tasks", description: "Tasks that programs define, enqueued by name." },
      { name: "Jobs", description: "Jobs of every task, and their outcomes." },
      { name: "Schedules", description: "Recurring jobs." },
      { name: "Webhooks", description: "Webhook deliveries, and their outcomes." },
      {
        name: "Events",
        description: "Events, each sent to every endpoint that wants it, and event types.",
      },
      { name: "Tenants", description: "Customers, and the endpoints that receive their events." },
      { name: "Bulk runs", description: "One action on all jobs that match a filter." },
      { name: "Failures", description: "Failed attempts, in groups of similar ones." },
      {
        name: "Server",
        description: "Health, workers, statistics, the audit, API keys, and this description.",
      },
      {
        name: "Operational events",
        description:
          "Events for those who run the server, sent to the endpoints of the reserved tenant posthorn.",
      },
    ],
    paths,
    webhooks: Object.fromEntries(operationalEvents.map((each) => [each.type, { post: webhookOf(each) }])),
    components: {
      schemas: componentSchemas(),
      securitySchemes: {
        apiKey: {
          type: "http",
          scheme: "bearer",
          description: "An API key (phk_…). Create one with: posthorn keys create.",
        },
      },
    },
  };
}

function operationOf({ needs, operation }: Route): JsonObject {
  const { id, tag, summary, deprecated, description, parameters = [], query, body } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(deprecated ? { deprecated } : {}),
    ...(description === undefined ? {} : { description }),
    // The empty requirement next to the key: dev mode needs none (OpenAPI 3.1 §4.8.30).
    security: needs === "none" ? [] : [{ apiKey: [] }, {}],
    parameters: [...parameters.map(parameterOf), ...(query ? queryParametersOf(query) : [])],
    ...(body ? { requestBody: requestBodyOf(body) } : {}),
    responses: responsesOf(operation, needs !== "none"),
  };
}

function webhookOf({ type, summary, schema }: (typeof operationalEvents)[number]): JsonObject {
  return {
    operationId: type,
    tags: ["Operational events"],
    summary,
    requestBody: { required: true, content: { "application/json": { schema: schemaOf(schema) } } },
    responses: { "2XX": { description: "It was received. Anything else is tried again." } },
  };
}

function parameterOf({ name, in: place, description, example, schema }: Parameter): JsonObject {
  return {
    name,
    in: place,
    description,
    required: place === "path",
    schema: { type: "string", ...schema },
    ...(example === undefined ? {} : { example }),
  };
}

function queryParametersOf(query: z.ZodObject): JsonObject[] {
  return Object.entries(query.shape).map(([name, field]) => {
    const { description, ...schema } = schemaOf(field);
    return { name, in: "query", required: false, ...(description ? { description } : {}), schema };
  });
}

function requestBodyOf({ schema, examples }: NonNullable<Operation["body"]>): JsonObject {
  const named = Object.entries(examples).map(([summary, value]) => [
    summary.replaceAll(" ", "-"),
    { summary, value },
  ]);
  return {
    required: true,
    content: { "application/json": { schema: schemaOf(schema), examples: Object.fromEntries(named) } },
  };
}

/** What each status that comes with a problem means, on every route. */
const PROBLEMS: Readonly<Record<number, Answer>> = {
  400: { description: "The body is empty or not JSON, or a header does not follow its standard." },
  401: {
    description: "No API key, or an unknown one.",
    headers: { "WWW-Authenticate": "Bearer, with an error when a key was sent (RFC 6750)." },
  },
  403: {
    description:
      "The key's role does not allow this, or what the key is bound to; or, in dev mode, a foreign Host or Origin.",
  },
  404: {
    description: "Nothing has this id or name; a job may have been pruned after its retention.",
  },
  409: {
    description:
      "It conflicts with what exists: a job's status, a name that is taken, an id or an idempotency key that was used before. code says which.",
  },
  413: { description: "The body is longer than this server accepts (1 MiB by default)." },
  415: {
    description: "The body is not declared as application/json.",
    headers: { Accept: "application/json" },
  },
  422: {
    description: "Invalid fields, each named; or an idempotency key that was used for a different request.",
  },
  429: {
    description:
      "More is asked for than this server accepts for the tenant, with the key, or in portal sessions. Nothing was done.",
    headers: { "Retry-After": "Seconds after which to try again." },
  },
  500: { description: "An unexpected error. Its instance identifies it in the server's log." },
  503: {
    description: "Too many requests are waiting, or the database is unavailable. Nothing was done.",
    headers: { "Retry-After": "Seconds after which to try again." },
  },
};

function responsesOf({ answers, problems }: Operation, guarded: boolean): JsonObject {
  const responses: Record<string, JsonObject> = {};
  for (const [status, answer] of Object.entries(answers)) responses[status] = responseOf(answer);
  for (const status of [...problems, ...(guarded ? [401] : []), 403, 500, 503]) {
    const answer = PROBLEMS[status];
    if (answer)
      responses[status] = responseOf({ ...answer, type: "application/problem+json", schema: problemSchema });
  }
  return responses;
}

function responseOf({
  description,
  type = "application/json",
  schema,
  example,
  headers,
}: Answer): JsonObject {
  const content = {
    ...(schema ? { schema: schemaOf(schema) } : { schema: { type: "string" } }),
    ...(example === undefined ? {} : { example }),
  };
  return {
    description,
    ...(headers ? { headers: Object.fromEntries(Object.entries(headers).map(headerOf)) } : {}),
    ...(type === null ? {} : { content: { [type]: content } }),
  };
}

function headerOf([name, description]: [string, string]): [string, JsonObject] {
  return [name, { description, schema: { type: "string" } }];
}

/** Zod limits every integer to what a double can hold, which does not help a reader. */
const CONVERSION = {
  io: "input",
  override({ jsonSchema }) {
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    describeAsAWhole(jsonSchema);
  },
} as const satisfies z.core.ToJSONSchemaParams;

/** Moves the description of a value that may be null to the whole schema: most generators ignore one inside an alternative. */
function describeAsAWhole(schema: z.core.JSONSchema.BaseSchema): void {
  const [value, none] = schema.anyOf ?? [];
  if (none?.type !== "null" || value?.description === undefined || schema.description !== undefined) return;
  const { description, ...rest } = value;
  schema.description = description;
  schema.anyOf = [rest, none];
}

/** A named schema by its name, any other written out. */
function schemaOf(schema: z.ZodType): JsonObject {
  const name = namedSchemas.get(schema)?.id;
  if (name !== undefined) return { $ref: SCHEMAS + name };
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  const innerName = namedSchemas.get(inner as z.ZodType)?.id; // the inner type of an optional is a schema, typed more loosely
  if (innerName !== undefined) return { $ref: SCHEMAS + innerName };
  return withoutIds(z.toJSONSchema(schema, CONVERSION));
}

function componentSchemas(): Record<string, JsonObject> {
  const { schemas } = z.toJSONSchema(namedSchemas, { ...CONVERSION, uri: (id) => SCHEMAS + id });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutIds(schema)]));
}

/** Inside an OpenAPI document a schema inherits dialect and base from the document. */
function withoutIds({ $schema, $id, ...schema }: JsonObject): JsonObject {
  return schema;
}
