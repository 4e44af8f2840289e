import type { By } from "../core/actor.ts";
import type { Clock } from "../core/clock.ts";
import { ConflictError } from "../core/errors.ts";
import { innerPart } from "../core/inner-part.ts";
import type { Job } from "../core/job.ts";
import type { PublicRequest } from "../core/public-job.ts";
import type { Audit } from "../engine/audit/audit.ts";
import type { Store } from "../store/store.ts";
import { DELIVER_TASK, parseDeliveryOptions } from "./accept/delivery-options.ts";
import type { Destinations } from "./destination.ts";
import type { EndpointMessages } from "./endpoints/endpoint-messages.ts";
import { keyOfLane } from "./registry/known-endpoint.ts";
import type { Registry } from "./registry/registry.ts";
import type { DeliverySecrets } from "./signing/delivery-secrets.ts";
import { signatureHeaders } from "./signing/sign.ts";

export interface RebuiltRequestsParts {
  readonly store: Pick<Store, "records" | "events">;
  readonly registry: Pick<Registry, "load">;
  readonly destinations: Destinations;
  readonly secrets: DeliverySecrets;
  readonly messages: EndpointMessages;
  readonly clock: Clock;
  readonly audit: Pick<Audit, "note">;
}

/** Where a Posthorn keeps them. */
export const REQUESTS = Symbol.for("posthorn.requests");

/** The requests of a Posthorn's deliveries: for its own surfaces, not for programs. */
export function requestsOf(posthorn: object): RebuiltRequests {
  return innerPart(posthorn, REQUESTS);
}

interface RebuiltRequest {
  readonly url: string;
  readonly headers: readonly RebuiltHeader[];
  /** Of the body. */
  readonly bytes: number;
}

interface RebuiltHeader {
  readonly name: string;
  /** Null where it is known only when it is sent, such as an access token. */
  readonly value: string | null;
  /** `own`: the sender's or the endpoint's, which may be a secret. */
  readonly kind: "plain" | "signature" | "own";
}

const SIGNATURES = ["webhook-signature", "svix-signature"];

/** Writes the requests of deliveries again, for people who look at them. */
export class RebuiltRequests {
  readonly #parts: RebuiltRequestsParts;

  constructor(parts: RebuiltRequestsParts) {
    this.#parts = parts;
  }

  /**
   * Without its signature.
   * @throws ConflictError `nothing_to_send` for a job of another task, and once the endpoint or the payload is gone.
   * @throws ConfigurationError when its secrets were sealed with another master key.
   */
  async of(job: Job): Promise<PublicRequest> {
    return shown(await this.#rebuilt(job), ["plain"]);
  }

  /** The same with its signature; records in the audit that somebody is given it. */
  async signed(job: Job, by: By): Promise<PublicRequest> {
    const request = await this.#rebuilt(job);
    const act = { action: "job.sign", target: job.id, tenant: job.origin?.tenant ?? null } as const;
    await this.#parts.audit.note(by, act);
    return shown(request, ["plain", "signature"]);
  }

  async #rebuilt(job: Job): Promise<RebuiltRequest> {
    const event = job.origin?.event;
    const isDelivery = job.task === DELIVER_TASK;
    const request =
      isDelivery && (await (event === undefined ? this.#toUrl(job) : this.#toEndpoint(job, event)));
    if (request) return request;
    throw new ConflictError(
      "nothing_to_send",
      `the job ${job.id} has no request: it is not a delivery, or its endpoint or its payload is gone`,
    );
  }

  async #toUrl(job: Job): Promise<RebuiltRequest | undefined> {
    const { store, destinations, secrets, clock } = this.#parts;
    const { kind, targetUrl, headers, eventId, secret } = parseDeliveryOptions(job.options);
    const payload = await store.records.input(job.id);
    if (targetUrl === undefined || payload === undefined) return undefined;
    const own = secrets.headersOf(job.id, headers) ?? {};
    const signature = signatureHeaders(
      secrets.keysOf(job.id, secret),
      eventId ?? job.id,
      clock.now(),
      payload,
    );
    const all = { ...destinations.ofKind(kind).headers, ...own, ...signature };
    return rebuilt(targetUrl, all, own, payload);
  }

  async #toEndpoint({ lane }: Job, eventId: string): Promise<RebuiltRequest | undefined> {
    const { store, registry, destinations, messages, clock } = this.#parts;
    const key = keyOfLane(lane);
    const endpoint = (await registry.load([key])).get(key.id);
    const event = await store.events.get(eventId);
    if (!endpoint || endpoint.isDeleted || !event?.payload) return undefined;
    const content = { ...event, payload: event.payload };
    const { all, own, access } = messages.headersFor(endpoint, content, clock.now());
    const { url } = endpoint.row;
    const request = rebuilt(url, { ...destinations.ofUrl(url).headers, ...all }, own, event.payload);
    if (access?.kind !== "token") return request;
    const others = request.headers.filter(({ name }) => name.toLowerCase() !== "authorization");
    return { ...request, headers: [...others, { name: "authorization", value: null, kind: "own" }] };
  }
}

function shown(
  { url, headers, bytes }: RebuiltRequest,
  kinds: readonly RebuiltHeader["kind"][],
): PublicRequest {
  const told = headers.map(({ name, value, kind }) => ({ name, value: kinds.includes(kind) ? value : null }));
  return { method: "POST", url, headers: told, bytes };
}

function rebuilt(
  url: string,
  all: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
  payload: string | Uint8Array,
): RebuiltRequest {
  const owned = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  const headers = Object.entries(all).map(([name, value]): RebuiltHeader => {
    const kind = SIGNATURES.includes(name) ? "signature" : owned.has(name.toLowerCase()) ? "own" : "plain";
    return { name, value, kind };
  });
  return { url, headers, bytes: Buffer.byteLength(payload) };
}
