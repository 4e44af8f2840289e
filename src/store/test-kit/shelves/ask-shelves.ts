import { newId } from "../../../core/id.ts";
import type { KeyPage } from "../../shelves/tables/keyset.ts";
import type { Store } from "../../store.ts";
import { NOW } from "../store-under-test.ts";
import { newBulkRun, newEndpoint, newEventType, newHealth, newTenant } from "./registered.ts";

const FIRST = { limit: 50, order: "descending" } as const;

/** Everything that the shelves of what is registered and of events can be asked, of a tenant that may have much of it. */
export async function askShelves(store: Store, tenant: string): Promise<void> {
  await store.registry.version();
  await store.registry.versionOf(tenant);
  await store.registry.changedSince(0, 100);
  const made = newTenant({ uid: "asked" });
  await store.tenants.create(made);
  await store.tenants.get(made.id);
  await store.tenants.get("asked");
  await store.tenants.change({ ...made, name: "new" }, made.updatedAt);
  const endpoint = newEndpoint(tenant, { uid: "asked" });
  await store.endpoints.create(endpoint);
  await store.endpoints.get(tenant, endpoint.id);
  await store.endpoints.get(tenant, "asked");
  await store.endpoints.known([endpoint]);
  await store.endpoints.countOf(tenant, 1_000);
  await store.endpoints.change(endpoint, {}, { actor: null, reason: null });
  await store.endpoints.history(tenant, endpoint.id, { limit: 50 });
  const health = newHealth(endpoint, { probeAt: NOW });
  await store.endpointHealth.save(health);
  await store.endpointHealth.save({ ...health, version: 1 });
  await store.endpointHealth.get(tenant, endpoint.id);
  await store.endpointHealth.between(tenant, endpoint.id, endpoint.id);
  await store.endpointHealth.due(NOW, 50);
  await store.endpointHealth.remove(tenant, endpoint.id, 2);
  await store.endpoints.remove(tenant, endpoint.id, { actor: null, reason: null }, NOW);
  const type = newEventType("asked");
  await store.eventTypes.create(type);
  await store.eventTypes.get("asked");
  await store.eventTypes.put(type);
  await store.eventTypes.change(type, NOW);
  await store.eventTypes.remove("asked");
  await store.erasure.tenant(tenant);
  await store.erasure.counts(tenant, 1_000);
  await store.erasure.endpoints(tenant, "", 100);
  await store.erasure.forgetEndpoint(tenant, endpoint.id);
  await store.erasure.forgetEvents(made.id, 200);
  await store.erasure.forgetBulkRuns(made.id);
  await store.erasure.forgetRest(made.id);
  await store.tenants.remove(made.id, NOW);
  await store.tenants.deletedWithUid("asked", NOW);
  await store.endpoints.prune(NOW, 50);
  await store.tenants.prune(NOW, 50);
  const pages: KeyPage[] = [
    { limit: 50, order: "ascending" },
    { limit: 50, order: "descending" },
  ];
  for (const page of pages) {
    await store.tenants.list(page);
    await store.tenants.list({ ...page, mode: "live" });
    await store.endpoints.list(tenant, page);
    await store.endpointHealth.failing(page);
    await store.endpointHealth.failing({ ...page, tenant });
    for (const withArchived of [true, false]) await store.eventTypes.list({ ...page, withArchived });
  }
  const event = newId("msg", NOW);
  await store.events.find(tenant, event);
  await store.events.find(tenant, "asked");
  await store.eventKeys.get(tenant, "asked");
  for (const filter of [{}, { type: "rare", channel: "rare", tag: "rare" }]) {
    await store.events.list(tenant, { limit: 50, ...filter });
    await store.events.list(tenant, { limit: 50, before: event, ...filter });
  }
  await store.fanouts.next(null, 5);
  await store.fanouts.among([event]);
  await store.events.kept([event]);
  const run = newBulkRun({ tenant, alone: "asked" });
  const guard = store.bulkRuns.insertion(run);
  const batch = { now: NOW, enqueues: [], settlements: [], claim: undefined };
  await store.queue.commit({ ...batch, submissions: [{ jobs: [], guard }] });
  await store.bulkRuns.get(run.id, { tenant });
  const rare = { state: "taken_back", action: "erase", actor: "nobody" } as const;
  for (const reach of [{}, { tenant }, { mode: "test" }] as const) {
    for (const page of pages) await store.bulkRuns.list(reach, { ...page, ...rare });
    await store.bulkRuns.list(reach, { ...FIRST, state: "taken_back" });
    await store.bulkRuns.list(reach, { ...FIRST, before: run.id, action: "erase" });
  }
  for (const place of [{}, { tenant }, { target: tenant }, { tenant, target: "none" }])
    for (const page of pages)
      await store.audit.list({ ...page, ...place, actions: ["none"], actor: "nobody" });
  await store.bulkRuns.aloneAbout("asked");
  const pacing = store.bulkRuns.pacing(run.id, 5, NOW);
  await store.queue.commit({ ...batch, submissions: [{ jobs: [], guard: pacing }] });
  const moving = store.bulkRuns.moving({ ...run, state: "stopped", endedAt: NOW }, run);
  await store.queue.commit({ ...batch, submissions: [{ jobs: [], guard: moving }] });
  const stopped = { ...run, state: "stopped" } as const;
  const passing = store.bulkRuns.passing(stopped, stopped, NOW);
  await store.queue.commit({ ...batch, submissions: [{ jobs: [], guard: passing }] });
  await store.bulkJobs.change(
    {
      bulk: run.id,
      guard: store.bulkRuns.advancing(stopped, NOW),
      record: () => store.bulkRuns.recording(stopped),
      erase: store.events.erasing(tenant, event, event),
    },
    NOW,
  );
  await store.bulkRuns.prune(NOW + 1, 50);
  const told = {
    ...{ key: "asked", type: "a", tenant, endpoint: endpoint.id },
    ...{ data: "{}", at: NOW, dueAt: NOW },
  };
  await store.operationalEvents.add([{ ...told, n: 1 }]);
  await store.operationalEvents.due(NOW, 50);
  await store.operationalEvents.take({ ...told, n: 1 }, NOW);
  await store.operationalEvents.take({ ...told, n: null }, NOW);
  const hour = { tenant, endpoint: endpoint.id, hour: NOW, process: "asked" };
  await store.endpointStats.put([{ ...hour, succeeded: 1, failed: 0, retried: 0, attempts: "[1]" }]);
  await store.endpointStats.since(tenant, endpoint.id, NOW);
  await store.endpointStats.failing(NOW);
  await store.endpointStats.drop([hour]);
  await store.endpointStats.forget(NOW);
  await store.sizes.keep([{ hour: NOW, part: "data", bytes: 1, at: NOW }], NOW);
  await store.sizes.first(NOW);
  const alike = { fingerprint: "asked", task: "a", lane: "a", tenant, class: "5xx" };
  const failed = { sample: "a", sampleJob: "job_1", firstAt: NOW, lastAt: NOW, n: 1 };
  await store.failureGroups.add([{ ...alike, ...failed }]);
  await store.failureGroups.get("asked", { tenant });
  for (const reach of [{}, { tenant }]) {
    await store.failureGroups.list({ limit: 50, ...reach });
    await store.failureGroups.list({ limit: 50, before: `${NOW}_asked`, ...reach });
  }
  await store.failureGroups.change({ fingerprint: "asked", state: "resolved", note: null }, "open");
  await store.failureHours.since(["asked"], NOW);
  await store.failureHours.forget(NOW);
  await store.failureGroups.prune(NOW, 50);
  await store.failureGroups.pruneBeyond(1, 50);
}
