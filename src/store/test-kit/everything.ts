import { newId } from "../../core/id.ts";
import type { Attempt, Job } from "../../core/job.ts";
import type { Origin } from "../../core/origin.ts";
import type { Ties } from "../../core/ties.ts";
import type { Group } from "../job-records.ts";
import { listJobs } from "../list-jobs.ts";
import type { ApiKey } from "../shelves/api-keys.ts";
import type { BulkRun } from "../shelves/bulk-runs.ts";
import type { EndpointHealth } from "../shelves/endpoint-health.ts";
import type { EndpointChange } from "../shelves/endpoint-history.ts";
import type { Endpoint } from "../shelves/endpoints.ts";
import type { EventType } from "../shelves/event-types.ts";
import type { Event } from "../shelves/events.ts";
import type { Fanout } from "../shelves/fanouts.ts";
import type { Schedule } from "../shelves/schedules.ts";
import type { Tenant } from "../shelves/tenants.ts";
import type { Store } from "../store.ts";
import { newEvent, submissionOf } from "./shelves/event-claims.ts";
import { newBulkRun, newEndpoint, newEventType, newHealth, newTenant, SEALED } from "./shelves/registered.ts";
import { DAY, HOUR, NOW, SECOND, WORKER, workerRecord } from "./store-under-test.ts";
import {
  claimOne,
  commit,
  enqueue,
  enqueueAndClaim,
  fail,
  failForNow,
  newJob,
  settle,
  settlement,
  snooze,
  succeed,
} from "./stored-jobs.ts";

const FOLLOW_UP = { task: "report", lane: "reports", priority: 1, options: "{}", maxAttempts: 2 };
const OPEN_GROUP = { id: "grp_open", onSettled: FOLLOW_UP };
const SETTLED_GROUP = { id: "grp_settled", onSettled: FOLLOW_UP };

export const LIVE_KEY = { task: "mail.send", key: "welcome:42" };
export const IDEMPOTENCY = {
  scope: "caller",
  key: 'a "key", {quoted}',
  fingerprint: "print",
  expiresAt: NOW + DAY,
};

/** All that an origin can tell. */
export const ORIGIN: Required<Origin> = {
  tenant: "app_one",
  event: newId("msg", NOW),
  bulk: "qtask_one",
  trigger: "manual",
  scheduledFor: NOW - SECOND,
  tags: ['a "tag"', "☎"],
  meta: '{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}',
};

/** Who holds the job that runs. */
export const ITS_WORKER = workerRecord("wrk_of_everything");

/** The ids of some of what is there. */
export interface Everything {
  /** The job that runs, of the open group. */
  readonly running: string;
  /** The one that has the live key. */
  readonly keyed: string;
  /** The one that the idempotency key made. */
  readonly idempotent: string;
}

/** Fills an empty store with jobs in every state that there is, and with one or two of everything else. */
export async function fillWithEverything(store: Store): Promise<Everything> {
  await endedJobs(store);
  await returnedJobs(store);
  const { running } = await groups(store);
  const [keyed, idempotent] = [newJob({ ties: { key: LIVE_KEY.key, retainMs: HOUR } }), newJob()];
  await commit(store, { enqueues: [{ job: keyed }, { job: idempotent, idempotency: IDEMPOTENCY }] });
  const payload = '{"big":12345678901234567890,"b":1,"a":"\\u0000 ☎ \\\\ \\" {,}"}';
  await enqueue(store, [
    newJob({ payload, priority: -3, options: '{"o":"1"}', maxAttempts: 9, lane: "other lane" }),
    newJob({ runAt: NOW + HOUR, ties: { key: "later" } }),
    newJob({ runAt: NOW + HOUR, origin: ORIGIN }),
  ]);
  const events = [newEvent({ tags: '["a"]' }), newEvent({ payload: null }), newEvent({ jobs: 1 })];
  await commit(store, { submissions: events.map((event, at) => submissionOf(event, at === 2 ? 1 : 0)) });
  await registered(store);
  await commit(store, { submissions: [{ jobs: [], idempotency: { ...IDEMPOTENCY, key: "of several" } }] });
  await besideJobs(store);
  await store.workers.retire(WORKER.id, NOW);
  return { running, keyed: keyed.id, idempotent: idempotent.id };
}

async function endedJobs(store: Store): Promise<void> {
  const answered = { code: 200, class: "2xx", excerpt: "ok ☎", durationMs: 17 } as const;
  const result = { status: "succeeded", result: '{"sent":"42"}' } as const;
  await settle(store, settlement(await enqueueAndClaim(store), result, "succeeded", answered));
  await succeed(store, await enqueueAndClaim(store, { ties: { key: "gone", retainMs: DAY } }));
  await fail(store, await enqueueAndClaim(store, { lane: "broken" }));
  const refused = {
    code: 503,
    class: "5xx",
    excerpt: "busy",
    error: 'it said "no"',
    fingerprint: "f1",
    detail: '{"stack":"at work"}',
  } as const;
  const tired = await enqueueAndClaim(store, { lane: "tired" });
  await settle(store, settlement(tired, { status: "queued", runAt: NOW }, "failed", refused), NOW);
  await fail(store, await claimOne(store));
  await store.byHand.cancel((await enqueueAndClaim(store, { lane: "stopped" })).id, NOW + SECOND);
  const unwanted = newJob({ runAt: NOW + HOUR });
  await enqueue(store, [unwanted]);
  await store.byHand.cancel(unwanted.id, NOW);
}

/** Queued again for one reason or another. */
async function returnedJobs(store: Store): Promise<void> {
  await failForNow(store, await enqueueAndClaim(store, { lane: "flaky" }), NOW + 2 * HOUR);
  const snoozed = await enqueueAndClaim(store);
  await settle(store, snooze(snoozed, NOW + DAY));
  const dead = workerRecord("wrk_dead");
  await enqueueAndClaim(store, { lane: "lost" }, dead);
  await store.workers.reclaim(dead, NOW + SECOND, "silent");
  await failForNow(store, await claimOne(store, { now: NOW + SECOND }), NOW + 3 * HOUR);
  const rerun = await enqueueAndClaim(store, { lane: "retried" });
  await fail(store, rerun, NOW);
  await store.byHand.rerun(rerun.id, NOW);
  await failForNow(store, await claimOne(store), NOW + 4 * HOUR);
}

async function groups(store: Store): Promise<{ running: string }> {
  const member = (groupId: string, ties: Ties = {}) => newJob({ ties: { ...ties, groupId } });
  await commit(store, { submissions: [{ jobs: [member(SETTLED_GROUP.id)], groups: [SETTLED_GROUP] }] });
  await succeed(store, await claimOne(store));
  await succeed(store, await claimOne(store, { now: NOW + SECOND })); // its follow-up
  const members = [member(OPEN_GROUP.id), member(OPEN_GROUP.id, { onSettled: FOLLOW_UP })];
  await commit(store, { submissions: [{ jobs: members, groups: [OPEN_GROUP] }] });
  await succeed(store, await claimOne(store, { limit: 1 }));
  const lease = await claimOne(store, { worker: ITS_WORKER });
  await commit(store, { progress: [{ lease, progress: { fraction: 0.5, note: "half of it" } }] });
  return { running: lease.id };
}

async function besideJobs(store: Store): Promise<void> {
  await store.keys.add(apiKey("key_one", null));
  await store.keys.add(apiKey("key_two", NOW + SECOND));
  await store.secrets.putOnce("webhook-signing", SEALED);
  const job = { task: "report", lane: "reports", priority: 2, options: "{}", maxAttempts: 4 };
  for (const name of ["nightly", "paused", "hourly"]) {
    const times = { cron: "0 3 * * *", timeZone: "Europe/Berlin", missed: "once", nextAt: NOW } as const;
    await store.schedules.declare({ name, ...times, job: { ...job, payload: '{"n":1}' } });
  }
  await store.schedules.pause([{ name: "paused", nextAt: null }], true);
  const made = newJob({ runAt: NOW + HOUR, lane: "reports" });
  await store.schedules.fire({ name: "hourly", dueAt: NOW, nextAt: NOW + HOUR, jobs: [made] }, NOW);
}

const BULK_RUN = newId("qtask", NOW);
const COURSE = '{"total":9,"isMore":true,"driver":"job_one","pace":5,"since":1,"from":0}';
const NOBODY = '{"counts":{"type":1},"named":[]}';
const TENANT = newTenant({ uid: "acme", metadata: '{"plan":"gold"}' });
const ENDPOINT = newEndpoint(TENANT.id, { uid: "first", eventTypes: '["invoice.*"]', timeoutMs: 5_000 });

/** Tenants and what belongs to them. */
async function registered(store: Store): Promise<void> {
  await store.tenants.create(TENANT);
  const gone = newTenant({ uid: "gone" });
  await store.tenants.create(gone);
  await store.tenants.remove(gone.id, NOW);
  await store.endpoints.create(ENDPOINT);
  const by = { actor: "key_one", reason: null };
  await store.endpoints.change({ ...ENDPOINT, status: "paused" }, { status: ["active", "paused"] }, by);
  await store.endpointHealth.save(newHealth(ENDPOINT, { breaker: "open", probeAt: NOW }));
  await store.eventTypes.create(newEventType("invoice.paid", { schemas: "{}", isArchived: true }));
  const event = newEvent({ tenant: TENANT.id, eventId: "e.1", jobs: 700, unsent: NOBODY, runAt: NOW + HOUR });
  await commit(store, { submissions: [submissionOf(event, 0)] });
  const of = { tenant: TENANT.id, event: event.id, created_at: NOW };
  await store.transfer.add("event_key", [{ ...of, event_id: "e.1", fingerprint: "print" }], NOW);
  const run = newBulkRun({
    id: BULK_RUN,
    tenant: TENANT.id,
    pace: 5,
    course: COURSE,
    skipped: '{"queued":1}',
    reason: "r",
  });
  await commit(store, { submissions: [{ jobs: [], guard: store.bulkRuns.insertion(run) }] });
  const endpoints = JSON.stringify([ENDPOINT.id]);
  await store.transfer.add(
    "fanout",
    [{ ...of, endpoints, cursor: 500, run_at: NOW + HOUR, tags: '["t"]' }],
    NOW,
  );
}

function apiKey(id: string, revokedAt: number | null): ApiKey {
  const hash = "ab".repeat(32);
  return {
    id,
    name: "für Ops",
    role: "send",
    hash,
    createdAt: NOW,
    revokedAt,
    tenant: TENANT.id,
    mode: "live",
    payloads: "none",
    expiresAt: NOW + HOUR,
    lastUsedAt: NOW,
  };
}

/** All that a store tells when it is asked. */
export interface LookedUp {
  readonly jobs: readonly Job[];
  readonly attempts: Readonly<Record<string, readonly Attempt[]>>;
  readonly groups: readonly (Group | undefined)[];
  readonly schedules: readonly Schedule[];
  readonly keys: readonly ApiKey[];
  readonly secret: string | undefined;
  readonly tenant: Tenant | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly history: readonly EndpointChange[];
  readonly health: EndpointHealth | undefined;
  readonly eventType: EventType | undefined;
  /** Of the tenant, by the caller's id. */
  readonly event: Event | undefined;
  readonly fanouts: readonly Fanout[];
  readonly bulkRun: BulkRun | undefined;
}

const ALL = { limit: 1_000 };

export async function lookUp(store: Store): Promise<LookedUp> {
  const jobs = await listJobs(store.records, {}, ALL);
  const attempts: Record<string, readonly Attempt[]> = {};
  const event = await store.events.find(TENANT.id, "e.1");
  for (const { id } of jobs) attempts[id] = await store.records.attempts(id, ALL);
  return {
    // stores list them in the order of their acceptance or of their ids, which differ by a moment
    jobs: [...jobs].sort((a, b) => (a.id < b.id ? -1 : 1)),
    attempts,
    groups: [await store.groups.get(OPEN_GROUP.id), await store.groups.get(SETTLED_GROUP.id)],
    schedules: await store.schedules.list(),
    keys: await store.keys.list(),
    secret: await store.secrets.get("webhook-signing"),
    tenant: await store.tenants.get("acme"),
    endpoint: await store.endpoints.get(TENANT.id, "first"),
    history: await store.endpoints.history(TENANT.id, ENDPOINT.id, ALL),
    health: await store.endpointHealth.get(TENANT.id, ENDPOINT.id),
    eventType: await store.eventTypes.get("invoice.paid"),
    event: event && { ...event, payload: Uint8Array.from(event.payload ?? []) },
    fanouts: await store.fanouts.next(null, 9),
    bulkRun: await store.bulkRuns.get(BULK_RUN),
  };
}
