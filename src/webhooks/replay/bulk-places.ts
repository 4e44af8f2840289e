import { NotFoundError } from "../../core/errors.ts";
import type { BulkPlaces as Contract } from "../../engine/bulk/bulk-request.ts";
import { BULK_TASK } from "../../engine/bulk/bulk-task.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import type { Store } from "../../store/store.ts";
import { DELIVER_TASK } from "../accept/delivery-options.ts";
import { CANCEL_TASK } from "../endpoints/cancel-task.ts";
import { RELEASE_TASK } from "../endpoints/release-task.ts";
import { ERASE_TASK } from "../events/erase-task.ts";
import { OLD_REDELIVER_TASK, REDELIVER_TASK } from "../redeliver/redeliver-request.ts";
import { isLaneOfEndpoint, keyOfLane, laneOf } from "../registry/known-endpoint.ts";
import type { Registry } from "../registry/registry.ts";
import { ERASE_TENANT_TASK } from "../tenants/erase-tenant-task.ts";

/** What bulk runs need to know about tenants, endpoints and their deliveries. */
export class BulkPlaces implements Contract {
  readonly deliverTask = DELIVER_TASK;
  readonly ownTasks = [
    ...[BULK_TASK, REDELIVER_TASK, OLD_REDELIVER_TASK],
    ...[CANCEL_TASK, RELEASE_TASK, ERASE_TASK, ERASE_TENANT_TASK],
  ];
  readonly #store: Pick<Store, "tenants" | "endpoints">;
  readonly #registry: Registry;

  constructor(store: Pick<Store, "tenants" | "endpoints">, registry: Registry) {
    this.#store = store;
    this.#registry = registry;
  }

  async tenant(name: string): Promise<Tenant> {
    const tenant = await this.#store.tenants.get(name);
    if (tenant) return tenant;
    throw new NotFoundError("tenant", name);
  }

  async endpoint(tenant: string, name: string): Promise<{ id: string; lane: string }> {
    const endpoint = await this.#store.endpoints.get(tenant, name);
    if (endpoint) return { id: endpoint.id, lane: laneOf(tenant, endpoint.id) };
    throw new NotFoundError("endpoint", name);
  }

  /** Deliveries a second that an endpoint allows; undefined for no limit. */
  async rateOf(lane: string): Promise<number | undefined> {
    if (!isLaneOfEndpoint(lane)) return undefined;
    const key = keyOfLane(lane);
    const rate = (await this.#registry.load([key])).get(key.id)?.limits?.rate;
    return rate && (rate.limit * 1_000) / rate.perMs;
  }
}
