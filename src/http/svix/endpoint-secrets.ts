import { z } from "zod";
import { InvalidInputError } from "../../core/errors.ts";
import { parseSigningKey } from "../../webhooks/signing/signing-key.ts";
import { json, noContent } from "../answer/answer.ts";
import { headerOf } from "../request/incoming.ts";
import { bodyOf, text } from "./body.ts";
import { ENDPOINT_PATH } from "./endpoint-path.ts";
import { invalid, SvixError } from "./errors.ts";
import type { SvixOperation, SvixRequest } from "./operation.ts";

const rotateIn = z.object({
  key: text.nullish(),
  gracePeriodSeconds: z.int().min(0).max(604_800).nullish(),
});

const exampleIn = z.object({ eventType: text, exampleIndex: z.int().min(0).nullish() });

/** The first version whose clients read the new secret from the answer to a rotation; earlier ones read 204 only. */
const READS_SECRET = { major: 2, minor: 7 };

export const endpointSecretOperations: readonly SvixOperation[] = [
  {
    id: "v1.endpoint.get-secret",
    method: "GET",
    path: `${ENDPOINT_PATH}/secret`,
    scope: "application",
    needs: "manage",
    portal: "secrets",
    async handle(request) {
      const { tenantId, id } = await request.endpoint();
      return json(200, keyView(await request.webhooks.endpoints.secret(tenantId, id, request.by)));
    },
  },
  {
    id: "v1.endpoint.rotate-secret",
    method: "POST",
    path: `${ENDPOINT_PATH}/secret/rotate`,
    scope: "application",
    needs: "manage",
    portal: "secrets",
    async handle(request) {
      const { key, gracePeriodSeconds } = (await bodyOf(request, rotateIn, "{}")).body;
      const { tenantId, id } = await request.endpoint();
      const options = {
        ...(key != null && { secret: checkedKey(key) }),
        ...(gracePeriodSeconds != null && { overlap: gracePeriodSeconds * 1_000 }),
      };
      const { endpoints } = request.webhooks;
      const made = await endpoints.rotateSecret(tenantId, id, options, request.by, request.idempotency);
      return readsSecret(request) ? json(200, keyView(made)) : noContent();
    },
  },
  {
    id: "v1.endpoint.send-example",
    method: "POST",
    path: `${ENDPOINT_PATH}/send-example`,
    scope: "organization",
    needs: "manage",
    async handle(request) {
      const { eventType, exampleIndex } = (await bodyOf(request, exampleIn)).body;
      const { tenantId, id } = await request.endpoint();
      const payload = await exampleOf(request, eventType, exampleIndex ?? 0);
      const options = { type: eventType, payload };
      const { eventId, type } = await request.webhooks.endpoints.test(tenantId, id, options, request.by);
      const timestamp = new Date(request.now).toISOString();
      return json(200, {
        id: eventId,
        eventType: type,
        payload: {},
        timestamp,
        eventId: null,
        channels: null,
      });
    },
  },
];

/** @throws SvixInvalid */
export function checkedKey(key: string, field = "key"): string {
  try {
    parseSigningKey(key);
    return key;
  } catch (error) {
    if (error instanceof InvalidInputError)
      throw invalid(["body", field], error.problems.map(({ detail }) => detail).join("; "));
    throw error;
  }
}

const PING = "svix.ping";

/** @throws SvixError 404 for an unknown type, 400 when nothing is known of what its events look like; SvixInvalid. */
async function exampleOf({ webhooks }: SvixRequest, name: string, index: number): Promise<unknown> {
  if (name === PING) return { type: PING, message: "This is an example event." };
  const { schemas } = await webhooks.eventTypes.get(name);
  const versions = Object.entries(schemas ?? {}).toSorted(([one], [other]) =>
    other.localeCompare(one, "en", { numeric: true }),
  );
  const [, schema] = versions[0] ?? [];
  const examples =
    typeof schema === "object" && schema !== null && "examples" in schema && Array.isArray(schema.examples)
      ? schema.examples
      : [];
  if (examples.length === 0)
    throw new SvixError(400, "invalid_scheme", `the schema of ${name} has no examples; add one to it`);
  if (index >= examples.length)
    throw invalid(["body", "exampleIndex"], `must be below ${examples.length}, which is how many there are`);
  return examples[index];
}

function keyView({ secret, publicKey }: { readonly secret: string; readonly publicKey?: string }) {
  return { key: publicKey ?? secret };
}

function readsSecret({ c }: SvixRequest): boolean {
  const [, major, minor] = /^svix-libs\/(\d+)\.(\d+)/.exec(headerOf(c, "user-agent") ?? "") ?? [];
  if (major === undefined) return false;
  return (
    Number(major) > READS_SECRET.major ||
    (Number(major) === READS_SECRET.major && Number(minor) >= READS_SECRET.minor)
  );
}
