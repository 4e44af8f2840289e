import { z } from "zod";
import { json, noContent } from "../answer/answer.ts";
import { bodyOf, text } from "./body.ts";
import { SvixInvalid, type SvixProblem } from "./errors.ts";
import type { SvixOperation } from "./operation.ts";

/** Headers that may not be set, besides those that no delivery takes. */
const REFUSED = new Set([
  ..."user-agent keep-alive proxy-authenticate proxy-authorization te trailers transfer-encoding upgrade".split(
    " ",
  ),
  ..."age cache-control clear-site-data expires pragma warning".split(" "),
  ..."content-length content-type content-encoding content-language content-location".split(" "),
]);
const REFUSED_PREFIXES = [
  "x-amz-",
  "x-amzn-",
  "x-google",
  "x-goog-",
  "x-gfe",
  "x-azure-",
  "x-fd-",
  "x-svix-",
  "svix-",
];
/** Shown only by name. */
const SENSITIVE = new Set([
  "x-auth-token",
  "x-api-key",
  "authorization",
  "www-authenticate",
  "proxy-authenticate",
  "proxy-authorization",
]);
const LONGEST_VALUE = 4_096;

const headersIn = z.object({ headers: z.record(text, text) });
const headersPatch = z.object({
  headers: z.record(text, text.nullable()).default({}),
  deleteHeaders: z.array(text).nullish(),
});

const PATH = "/app/{app}/endpoint/{endpoint}/headers";

export const endpointHeaderOperations: readonly SvixOperation[] = [
  {
    id: "v1.endpoint.get-headers",
    method: "GET",
    path: PATH,
    scope: "application",
    needs: "manage",
    portal: "headers",
    async handle(request) {
      const { tenantId, id } = await request.endpoint();
      const all = Object.entries(await request.webhooks.endpoints.headers(tenantId, id));
      const isSensitive = ([name]: readonly [string, string]) => SENSITIVE.has(name.toLowerCase());
      return json(200, {
        headers: Object.fromEntries(all.filter((header) => !isSensitive(header))),
        sensitive: all.filter(isSensitive).map(([name]) => name),
      });
    },
  },
  {
    id: "v1.endpoint.update-headers",
    method: "PUT",
    path: PATH,
    scope: "application",
    needs: "manage",
    portal: "headers",
    async handle(request) {
      const { body } = await bodyOf(request, headersIn);
      const { tenantId, id } = await request.endpoint();
      const headers = readSvixHeaders(body.headers);
      await request.webhooks.endpoints.patch(tenantId, id, { headers }, request.by);
      return noContent();
    },
  },
  {
    id: "v1.endpoint.patch-headers",
    method: "PATCH",
    path: PATH,
    scope: "application",
    needs: "manage",
    portal: "headers",
    async handle(request) {
      const { body } = await bodyOf(request, headersPatch);
      const { tenantId, id } = await request.endpoint();
      const names = [...Object.keys(body.headers), ...(body.deleteHeaders ?? [])];
      const changed = new Set(names.map((name) => name.toLowerCase()));
      const kept = Object.entries(await request.webhooks.endpoints.headers(tenantId, id)).filter(
        ([name]) => !changed.has(name.toLowerCase()),
      );
      const set = Object.entries(body.headers).filter(
        (header): header is [string, string] => header[1] !== null,
      );
      const headers = { ...Object.fromEntries(kept), ...readSvixHeaders(Object.fromEntries(set)) };
      await request.webhooks.endpoints.patch(tenantId, id, { headers }, request.by);
      return noContent();
    },
  },
];

/** @throws SvixInvalid for those that Svix takes from nobody; what else is wrong the library finds. */
export function readSvixHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const problems = Object.entries(headers).flatMap(([name, value]): SvixProblem[] => {
    const lower = name.toLowerCase();
    const isRefused = REFUSED.has(lower) || REFUSED_PREFIXES.some((prefix) => lower.startsWith(prefix));
    const msg = isRefused
      ? "may not be set"
      : Buffer.byteLength(value) > LONGEST_VALUE
        ? `must be at most ${LONGEST_VALUE} bytes`
        : undefined;
    return msg === undefined ? [] : [{ loc: ["body", "headers", name], msg, type: "value_error" }];
  });
  if (problems.length > 0) throw new SvixInvalid(problems);
  return headers;
}
