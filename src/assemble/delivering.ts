import { BulkTask, type BulkTaskParts } from "../engine/bulk/bulk-task.ts";
import { Stays } from "../engine/bulk/stays.ts";
import type { Engine } from "../engine/engine.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import type { EndpointKey } from "../store/shelves/endpoints.ts";
import { EndpointTokens } from "../webhooks/auth/endpoint-tokens.ts";
import { Breakers } from "../webhooks/breaker/breakers.ts";
import { HeldLanes } from "../webhooks/breaker/held-lanes.ts";
import { DeliverTask } from "../webhooks/deliver-task.ts";
import { CancelTask } from "../webhooks/endpoints/cancel-task.ts";
import { EndpointDeliveries } from "../webhooks/endpoints/endpoint-deliveries.ts";
import { EndpointExchange } from "../webhooks/endpoints/endpoint-exchange.ts";
import { EndpointMessages } from "../webhooks/endpoints/endpoint-messages.ts";
import { EndpointSecrets } from "../webhooks/endpoints/endpoint-secrets.ts";
import { ReleaseTask } from "../webhooks/endpoints/release-task.ts";
import { EraseTask } from "../webhooks/events/erase-task.ts";
import { Announcements } from "../webhooks/operational/announcements.ts";
import { bulkEndings } from "../webhooks/operational/bulk-endings.ts";
import { OLD_REDELIVER_TASK, REDELIVER_TASK } from "../webhooks/redeliver/redeliver-request.ts";
import { Registry } from "../webhooks/registry/registry.ts";
import { BulkPlaces } from "../webhooks/replay/bulk-places.ts";
import { bulkSources } from "../webhooks/replay/bulk-sources.ts";
import { DeliverySecrets } from "../webhooks/signing/delivery-secrets.ts";
import { EraseTenantTask } from "../webhooks/tenants/erase-tenant-task.ts";
import type { Parts } from "./parts.ts";

interface Around {
  readonly box: SecretBox;
  readonly signingSecret: string;
  /** Runs the tasks that are made here. */
  readonly engine: () => Engine;
  /** Disables an endpoint that keeps failing. */
  readonly disable: (endpoint: EndpointKey, reason: string) => Promise<void>;
}

/** What the engine has to have: Posthorn's own tasks, and what they deliver with. */
export function delivering(parts: Parts, { box, signingSecret, engine, disable }: Around) {
  const { store, clock, instrument, destinations, concurrency } = parts;
  const wake = () => engine().wake();
  const registry = new Registry(store, clock);
  const announcements = new Announcements({ store, registry, clock });
  const lanes = new HeldLanes({ parking: store.parking, clock, instrument, wake });
  const breakers = new Breakers({
    ...{ store, lanes, clock, instrument, announcements, disable, rules: parts.breaker },
  });
  const secrets = new DeliverySecrets(box, signingSecret);
  const sealed = new EndpointSecrets(box);
  const messages = new EndpointMessages(sealed, secrets);
  const tokens = new EndpointTokens({ shelf: store.accessTokens, destinations, box, clock });
  const exchange = new EndpointExchange({ destinations, messages, tokens, clock });
  const endpoints = new EndpointDeliveries({ registry, exchange, breakers, disable });
  const endings = bulkEndings(announcements);
  const next = bulkSources({ store, registry, breakers });
  const places = new BulkPlaces(store, registry);
  const bulkParts: BulkTaskParts = {
    ...{ store, clock, instrument, endings, next, wake },
    rateOf: (lane) => places.rateOf(lane),
    stays: new Stays({ slots: concurrency, clock, isEnding: () => engine().takesNoMore }),
    submit: (submission) => engine().intake.submit(submission),
    cancelled: (ended) => {
      for (const { id, task } of ended) engine().forget(id, task);
    },
  };
  const tasks = [
    new DeliverTask({ destinations, secrets, endpoints, clock }),
    new CancelTask({ store, clock, instrument }),
    new EraseTask(store),
    new EraseTenantTask({ store, clock, instrument }),
    new ReleaseTask({ store, clock, wake }),
    new BulkTask(bulkParts),
    new BulkTask(bulkParts, REDELIVER_TASK, "redelivered"),
    new BulkTask(bulkParts, OLD_REDELIVER_TASK, "retried"),
  ];
  return {
    ...{ tasks, secrets, sealed, messages, exchange, registry, breakers, lanes, announcements },
    bulk: { endings, next, places },
  };
}

export type Delivering = ReturnType<typeof delivering>;
