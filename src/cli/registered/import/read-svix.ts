import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { ConfigurationError, messageOf } from "../../../core/errors.ts";
import { newAsymmetricSecret } from "../../../webhooks/signing/signing-key.ts";

/** The part of Svix's answers that is imported. */
const app = z.object({
  id: z.string(),
  uid: z.string().nullish(),
  name: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
  throttleRate: z.number().nullish(),
});

const endpoint = z.object({
  id: z.string(),
  uid: z.string().nullish(),
  url: z.string(),
  description: z.string().nullish(),
  disabled: z.boolean().nullish(),
  eventTypes: z.array(z.string()).nullish(),
  /** What older servers call them. */
  filterTypes: z.array(z.string()).nullish(),
  channels: z.array(z.string()).nullish(),
  throttleRate: z.number().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
});

const secret = z.object({ key: z.string() });
const headers = z.object({
  headers: z.record(z.string(), z.string()),
  sensitive: z.array(z.string()).nullish(),
});

const PAGE = 250;
const AT_ONCE = 8;
const MOST_TRIES = 6;
const PAUSE_MS = 1_000;

/** Reads `--from-svix` in the form of a file to import, and lists what cannot be imported. */
export async function readSvix(
  url: string,
  token: string,
): Promise<{ readonly document: unknown; readonly remarks: readonly string[] }> {
  const api = new SvixApi(url, token);
  const remarks: string[] = [];
  const tenants: unknown[] = [];
  for await (const { id, uid, name, metadata, throttleRate } of api.list("app/", app)) {
    const endpoints: unknown[] = [];
    const found = [];
    for await (const each of api.list(`app/${id}/endpoint/`, endpoint)) found.push(each);
    for (let from = 0; from < found.length; from += AT_ONCE) {
      const some = found.slice(from, from + AT_ONCE);
      endpoints.push(...(await Promise.all(some.map((each) => endpointOf(api, id, each, remarks)))));
    }
    const limits = limitsOf(throttleRate);
    tenants.push({ uid: uid ?? nameOf(id), name, metadata: metadata ?? {}, ...limits, endpoints });
  }
  return { document: { tenants }, remarks };
}

async function endpointOf(
  api: SvixApi,
  appId: string,
  {
    id,
    uid,
    url,
    description,
    disabled,
    filterTypes,
    eventTypes = filterTypes,
    channels,
    throttleRate,
    metadata,
  }: z.infer<typeof endpoint>,
  remarks: string[],
): Promise<unknown> {
  const path = `app/${appId}/endpoint/${id}`;
  const [{ key }, own] = [
    await api.get(`${path}/secret/`, secret),
    await api.get(`${path}/headers/`, headers),
  ];
  for (const name of own.sensitive ?? [])
    if (own.headers[name] === undefined)
      remarks.push(`${uid ?? id}: Svix does not give the value of its header ${name}; set it by hand`);
  const isPublic = key.startsWith("whpk_");
  if (isPublic)
    remarks.push(`${uid ?? id}: Svix gives only the public half of its key; tell its receiver the new one`);
  return {
    uid: uid ?? nameOf(id),
    url,
    description: description ?? "",
    event_types: eventTypes ?? null,
    channels: channels ?? null,
    metadata: metadata ?? {},
    ...(Object.keys(own.headers).length > 0 && { headers: own.headers }),
    ...limitsOf(throttleRate),
    header_style: "both",
    status: disabled ? "disabled" : "active",
    secrets: [{ secret: isPublic ? newAsymmetricSecret() : key }],
  };
}

function limitsOf(perSecond: number | null | undefined): object {
  return perSecond ? { limits: { rate: { limit: perSecond, per: "second" } } } : {};
}

/** Its own id, which could be taken for one of Posthorn's. */
function nameOf(id: string): string {
  return `svix.${id}`;
}

class SvixApi {
  readonly #base: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#base = `${url.replace(/\/+$/, "")}/api/v1/`;
    this.#token = token;
  }

  async *list<Of>(path: string, of: z.ZodType<Of>): AsyncGenerator<Of> {
    const page = z.object({ data: z.array(of), done: z.boolean(), iterator: z.string().nullish() });
    for (let query = `?limit=${PAGE}`; ; ) {
      const { data, done, iterator } = await this.get(path + query, page);
      yield* data;
      if (done || !iterator) return;
      query = `?limit=${PAGE}&iterator=${encodeURIComponent(iterator)}`;
    }
  }

  async get<Of>(path: string, of: z.ZodType<Of>): Promise<Of> {
    const what = `${this.#base}${path.replace(/\?.*/, "")}`;
    for (let tries = 1; ; tries++) {
      const answer = await fetch(this.#base + path, {
        headers: { authorization: `Bearer ${this.#token}`, accept: "application/json" },
      }).catch((cause: unknown) => {
        throw new ConfigurationError(`${what} cannot be read: ${messageOf(cause)}`, { cause });
      });
      if (answer.ok) {
        const read = of.safeParse(await answer.json().catch(() => undefined));
        if (read.success) return read.data;
        throw new ConfigurationError(`${what} did not answer as Svix does`);
      }
      await answer.body?.cancel();
      const mayCome = answer.status === 429 || answer.status >= 500;
      if (!mayCome || tries === MOST_TRIES)
        throw new ConfigurationError(`${what} answered HTTP ${answer.status}`);
      await pause(tries * PAUSE_MS);
    }
  }
}
