import { PayloadTags } from "../core/json/payload-tags.ts";
import type { Audit } from "../engine/audit/audit.ts";
import { BulkFailures } from "../engine/bulk/bulk-failures.ts";
import { BulkRuns } from "../engine/bulk/bulk-runs.ts";
import type { Engine } from "../engine/engine.ts";
import { Attempts } from "../webhooks/attempts/attempts.ts";
import { EndpointWatch } from "../webhooks/breaker/endpoint-watch.ts";
import { Endpoints } from "../webhooks/endpoints/endpoints.ts";
import { EndpointImport } from "../webhooks/endpoints/import/endpoint-import.ts";
import { EventTypes } from "../webhooks/event-types/event-types.ts";
import { EventTypeSchemas } from "../webhooks/event-types/schema.ts";
import { Events } from "../webhooks/events/events.ts";
import { Fanouts } from "../webhooks/events/fanouts.ts";
import { SendEvents } from "../webhooks/events/send-events.ts";
import { TypeChecks } from "../webhooks/events/type-checks.ts";
import { Announcer } from "../webhooks/operational/announcer.ts";
import { DeliveryTroubles } from "../webhooks/operational/delivery-troubles.ts";
import { PortalSessions } from "../webhooks/portal/portal-sessions.ts";
import { RebuiltRequests } from "../webhooks/rebuilt-requests.ts";
import { RedeliverEvents } from "../webhooks/redeliver/redeliver-event.ts";
import { Tenants } from "../webhooks/tenants/tenants.ts";
import { Webhooks } from "../webhooks/webhooks.ts";
import type { Delivering } from "./delivering.ts";
import type { Parts } from "./parts.ts";

/** What callers use of the platform, and what works for it in the background. */
export function platform(parts: Parts, delivering: Delivering, { intake }: Engine, audit: Audit) {
  const { store, clock, instrument, destinations } = parts;
  const { secrets, sealed, messages, exchange, registry, breakers, lanes, announcements } = delivering;
  const { payloadTags = PayloadTags.none } = parts;
  const tenants = new Tenants({ store, intake, registry, clock, audit });
  const watch = new EndpointWatch({ store, breakers, lanes, clock, instrument });
  const endpoints = new Endpoints({
    ...{ store, intake, sealed, exchange, destinations, registry, lanes, clock, instrument, audit },
    ...{ announcements, watch },
  });
  const schemas = new EventTypeSchemas();
  const events = new Events({ store, secrets, audit });
  const fanouts = new Fanouts({ store, intake, registry, breakers, clock, instrument });
  const sending = new SendEvents({
    ...{ store, intake, registry, breakers, secrets, fanouts, clock },
    types: new TypeChecks(registry, schemas),
    ...{ retentionMs: parts.retention.jobsMs, payloadTags },
    unknownTenants: parts.unknownTenants ?? "create",
  });
  const bulk = new BulkRuns({ store, intake, clock, audit, instrument, ...delivering.bulk });
  const webhooks = new Webhooks({
    ...{ intake, destinations, secrets, bulk, sending, tenants, endpoints, events, clock, payloadTags },
    eventTypes: new EventTypes({ store, intake, registry, schemas, clock, audit }),
    imports: new EndpointImport({ store, intake, sealed, destinations, registry, clock, audit }),
    attempts: new Attempts({ store, tenants, endpoints, events, audit }),
    redelivering: new RedeliverEvents({ events, endpoints, registry, intake, breakers, clock, audit }),
    portal: new PortalSessions({ shelf: store.portalSessions, tenants, clock, audit }),
  });
  return {
    ...{ webhooks, bulk, endpoints, fanouts, watch },
    requests: new RebuiltRequests({ store, registry, destinations, secrets, messages, clock, audit }),
    announcer: new Announcer({ store, registry, sending, clock, instrument }),
    counting: [
      new DeliveryTroubles({ announcements, clock, instrument }),
      new BulkFailures({ shelf: store.bulkRuns, clock, instrument }),
    ],
  };
}

export type Platform = ReturnType<typeof platform>;
