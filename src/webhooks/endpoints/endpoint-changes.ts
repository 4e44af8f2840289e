import { actorName, type By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError, NotFoundError, OverloadedError } from "../../core/errors.ts";
import { isId } from "../../core/id.ts";
import { callerIdOf } from "../../core/names.ts";
import { collectProblems, textOf } from "../../core/options.ts";
import type { Action, Audit } from "../../engine/audit/audit.ts";
import type { ChangedBy } from "../../store/shelves/endpoint-history.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { Call } from "../../store/shelves/tables/session.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import type { Store } from "../../store/store.ts";
import { tenantOf } from "../events/read-send-request.ts";
import type { Announcements } from "../operational/announcements.ts";
import type { Registry } from "../registry/registry.ts";
import { changesOf } from "./changes-of.ts";

export interface EndpointChangeParts {
  readonly store: Pick<Store, "tenants" | "endpoints">;
  readonly registry: Pick<Registry, "forget">;
  readonly clock: Clock;
  readonly audit: Audit;
  readonly announcements: Pick<Announcements, "about">;
}

/** How often a change is tried while others keep changing the same row. */
const MOST_TRIES = 10;

/** Finds endpoints by whatever names them, and changes them, each change with its entry in the history. */
export class EndpointChanges {
  readonly #parts: EndpointChangeParts;

  constructor(parts: EndpointChangeParts) {
    this.#parts = parts;
  }

  /** @throws NotFoundError */
  async tenant(tenant: string): Promise<Tenant> {
    const name = collectProblems([], () => tenantOf(tenant));
    const found = name === undefined ? undefined : await this.#parts.store.tenants.get(name);
    if (!found) throw new NotFoundError("tenant", tenant);
    return found;
  }

  /** @throws NotFoundError when there is none, of this tenant. */
  async find(tenant: string, endpoint: string): Promise<Endpoint> {
    const { id } = await this.tenant(tenant);
    // a string that cannot be a name names nothing
    const name = collectProblems([], () => endpointOf(endpoint));
    const row = name === undefined ? undefined : await this.#parts.store.endpoints.get(id, name);
    if (!row) throw new NotFoundError("endpoint", endpoint);
    return row;
  }

  /**
   * Compares and sets, until no other process was faster. @param change the new row, or the same one to change nothing.
   * @throws ConflictError when its uid is taken.
   */
  async replace(
    tenant: string,
    endpoint: string,
    by: By | undefined,
    change: (before: Endpoint) => Endpoint | Promise<Endpoint>,
    action: Action = "endpoint.update",
  ): Promise<Endpoint> {
    const { store, registry, clock, audit } = this.#parts;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.find(tenant, endpoint);
      const wanted = await change(before);
      if (wanted === before) return before;
      const after = { ...wanted, updatedAt: Math.max(clock.now(), before.updatedAt) };
      const told = changesOf(before, after);
      const act = audit.act(by, { action, target: before.id, tenant: before.tenant, change: told });
      const announced = await this.#announced(before, after);
      const changed = await store.endpoints.change(after, told, byWhom(by), act.row, announced);
      registry.forget(before.tenant);
      if (changed === "taken") throw taken(after.uid);
      if (changed === "stale") continue;
      act.done();
      return changed;
    }
    throw new OverloadedError(
      `the endpoint ${endpoint} is being changed by others at the same time; try again shortly`,
    );
  }

  /** What operators are told of a change. */
  async #announced(before: Endpoint, after: Endpoint): Promise<Call<unknown> | undefined> {
    const { id, tenant, status, statusReason: reason, statusActor: actor } = after;
    if (before.status === status || (before.status !== "disabled" && status !== "disabled")) return undefined;
    const announce = await this.#parts.announcements.about(tenant);
    const type = status === "disabled" ? "posthorn.endpoint.disabled" : "posthorn.endpoint.enabled";
    return announce?.(type, id, { reason, actor });
  }
}

export function byWhom(by: By | undefined): ChangedBy {
  return { actor: actorName(by), reason: by?.reason ?? null };
}

export function taken(uid: string | null): ConflictError {
  return new ConflictError("uid_taken", `another endpoint of this tenant has the uid ${JSON.stringify(uid)}`);
}

function endpointOf(value: string): string {
  const text = textOf(value, ["endpoint"]);
  return isId("ep", text) ? text : callerIdOf(text, "ep", ["endpoint"]);
}
