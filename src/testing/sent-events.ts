import type { Posthorn } from "../posthorn-interface.ts";
import type { UnsentReason } from "../webhooks/events/match-event.ts";

/** An event that was sent to a tenant, and which of its endpoints get it. */
export interface SentTestEvent {
  /** Posthorn's id, and the `webhook-id` of its deliveries. */
  readonly eventId: string;
  /** The id of its tenant. */
  readonly tenantId: string;
  readonly type: string;
  /** The payload, parsed as JSON; undefined if it is not JSON. */
  readonly payload: unknown;
  /** The ids of the endpoints that get it. */
  readonly to: readonly string[];
  /** Endpoints that do not get it although they might have been expected to, because they are disabled or by their filter. */
  readonly notTo: readonly { readonly endpointId: string; readonly reason: UnsentReason }[];
}

/** All events, the oldest first. */
export async function sentEvents(posthorn: Posthorn): Promise<SentTestEvent[]> {
  const { events } = posthorn.webhooks;
  const found: SentTestEvent[] = [];
  let after: string | undefined;
  do {
    const page = await events.list(null, after === undefined ? {} : { after });
    for (const { id, tenantId, type, unsent } of page.data) {
      const { payload } = await events.get(id);
      found.push({
        ...{ eventId: id, tenantId, type, payload: payload && parsed(payload) },
        to: (await lanesOf(posthorn, id)).map((lane) => lane.slice(lane.indexOf("/") + 1)).toSorted(), // its tenant and its id
        notTo: unsent?.named.map(([endpointId, reason]) => ({ endpointId, reason })) ?? [],
      });
    }
    after = page.nextCursor ?? undefined;
  } while (after !== undefined);
  return found.reverse();
}

const A_PAGE = 200;

async function lanesOf(posthorn: Posthorn, event: string): Promise<string[]> {
  const lanes: string[] = [];
  let before: string | undefined;
  for (;;) {
    const jobs = await posthorn.jobs.list(
      { event },
      { limit: A_PAGE, ...(before !== undefined && { before }) },
    );
    lanes.push(...jobs.map(({ lane }) => lane));
    if (jobs.length < A_PAGE) return lanes;
    before = jobs.at(-1)?.id;
  }
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
