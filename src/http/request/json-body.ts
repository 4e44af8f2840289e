import type { Context } from "hono";
import type { z } from "zod";
import { rawMember } from "../../core/json/json-member.ts";
import { JsonText } from "../../webhooks/accept/deliver-request.ts";
import type { BodyReader } from "./body.ts";
import { jsonTextOf, parseJson } from "./json-text.ts";
import { parseBody } from "./parse.ts";

/** A JSON body that has been checked. */
export interface JsonBody<Of> {
  readonly bytes: Uint8Array;
  /** As it arrived. */
  readonly text: string;
  /** Parsed: also members that zod leaves out, such as one named `__proto__`. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly body: Of;
}

/**
 * @param bytes of the body, already read.
 * @throws RequestError 400, 415 or 422.
 */
export function jsonBodyOf<Of>(c: Context, bytes: Uint8Array, schema: z.ZodType<Of>): JsonBody<Of> {
  const text = jsonTextOf(c, bytes);
  const given = parseJson(text);
  const body = parseBody(schema, given);
  return { bytes, text, given: given as JsonBody<Of>["given"], body }; // every schema of a body is one of an object
}

/** As `jsonBodyOf`, with the body to be read. */
export async function readJsonBody<Of>(
  c: Context,
  bodies: BodyReader,
  schema: z.ZodType<Of>,
): Promise<JsonBody<Of>> {
  return jsonBodyOf(c, await bodies.read(c), schema);
}

/** A member's value as it is written in the body; undefined where there is none. */
export function memberText(text: string, name: string): JsonText | undefined {
  const raw = rawMember(text, name);
  return raw === undefined ? undefined : new JsonText(raw);
}
