import type { NewKeyOptions, ShownKey } from "../../access/api-keys.ts";
import { byOf } from "../access/by.ts";
import { json } from "../answer/answer.ts";
import { rfc3339, rfc3339OrNull } from "../answer/rfc3339.ts";
import { readJsonBody } from "../request/json-body.ts";
import type { Parameter, Route, Services } from "../route.ts";
import { createdKeyAnswer, type KeyAnswer, keyAnswer, keyBody, keyPage } from "../schemas/key.ts";

const PATH = "/keys";

const keyParameter: Parameter = {
  name: "key_id",
  in: "path",
  description: "The key's id, not its token.",
  example: "key_01k9zq3v7n8r2m4w6x8y0z1a3b",
};

const example: KeyAnswer = {
  key_id: "key_01k9zq3v7n8r2m4w6x8y0z1a3b",
  name: "support",
  role: "read",
  tenant: null,
  mode: null,
  payloads: "redacted",
  created_at: "2026-01-31T09:00:00.000Z",
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
};

export const keyRoutes = [keysRoute, createKeyRoute, revokeKeyRoute];

function keysRoute({ posthorn }: Services): Route {
  return {
    method: "GET",
    path: PATH,
    needs: "admin",
    scope: "server",
    operation: {
      id: "listKeys",
      tag: "Server",
      summary: "List API keys",
      description: "Newest first, including revoked and expired keys. Their tokens are not shown.",
      answers: {
        200: {
          description: "All keys.",
          schema: keyPage,
          example: { data: [example], next_cursor: null },
        },
      },
      problems: [],
    },
    async handle() {
      return json(200, { data: (await posthorn.keys.list()).map(keyView), next_cursor: null });
    },
  };
}

function createKeyRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: PATH,
    needs: "admin",
    scope: "server",
    operation: {
      id: "createKey",
      tag: "Server",
      summary: "Create an API key",
      description: "Its token is shown only in this answer. Repeating the request creates another key.",
      body: { schema: keyBody, examples: { "for support": { name: "support", role: "read" } } },
      answers: {
        201: {
          description: "The key, with its token.",
          schema: createdKeyAnswer,
          example: { ...example, token: "phk_01k9zq3v7n8r2m4w6x8y0z1a3b_…" },
        },
      },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      const { body } = await readJsonBody(c, bodies, keyBody);
      const { expires_at: expiresAt, ...same } = body;
      const options: NewKeyOptions = { ...same, expiresAt };
      const { key, token } = await posthorn.keys.create(options, byOf(c, caller));
      return json(201, { ...keyView(key), token });
    },
  };
}

function revokeKeyRoute({ posthorn, bodies }: Services): Route {
  return {
    method: "POST",
    path: `${PATH}/{key_id}/revoke`,
    needs: "admin",
    scope: "server",
    operation: {
      id: "revokeKey",
      tag: "Server",
      summary: "Revoke an API key",
      description: "Every server refuses the key from the next request on, permanently.",
      parameters: [keyParameter],
      answers: { 200: { description: "The key, as changed.", schema: keyAnswer, example } },
      problems: [400, 404, 413, 415, 422],
    },
    async handle(c, caller) {
      await bodies.readNothing(c);
      const key = await posthorn.keys.revoke(c.req.param("key_id") ?? "", byOf(c, caller));
      return json(200, keyView(key));
    },
  };
}

export function keyView(key: ShownKey): KeyAnswer {
  return {
    key_id: key.id,
    name: key.name,
    role: key.role,
    tenant: key.tenantId,
    mode: key.mode,
    payloads: key.payloads,
    created_at: rfc3339(key.createdAt),
    expires_at: rfc3339OrNull(key.expiresAt),
    revoked_at: rfc3339OrNull(key.revokedAt),
    last_used_at: rfc3339OrNull(key.lastUsedAt),
  };
}
