import type { By } from "../../core/actor.ts";
import type { Clock } from "../../core/clock.ts";
import { ConflictError } from "../../core/errors.ts";
import { refuseUnknown, wrong } from "../../core/options.ts";
import type { Intake } from "../../engine/intake/intake.ts";
import type { Instrument } from "../../observe/instrument.ts";
import type { Endpoint } from "../../store/shelves/endpoints.ts";
import type { EndpointWatch } from "../breaker/endpoint-watch.ts";
import type { HeldLanes } from "../breaker/held-lanes.ts";
import { heldUpByStatus, laneOf } from "../registry/known-endpoint.ts";
import { cancelJob } from "./cancel-task.ts";
import { byWhom, type EndpointChanges } from "./endpoint-changes.ts";

export interface EndpointStatusParts {
  readonly changes: EndpointChanges;
  readonly intake: Pick<Intake, "accept">;
  readonly lanes: Pick<HeldLanes, "park">;
  readonly watch: Pick<EndpointWatch, "letIn">;
  readonly clock: Clock;
  readonly instrument: Instrument;
}

export interface StopOptions {
  /**
   * What happens to deliveries that are waiting: `kept` until the endpoint is resumed or enabled, or `dropped`, which cancels them. Default
   * `kept`.
   */
  readonly queued?: "kept" | "dropped";
}

type Status = Endpoint["status"];

const BECOMES = { pause: "paused", resume: "active", enable: "active", disable: "disabled" } as const;

const TOLD = { active: "resumed", paused: "paused", disabled: "disabled" } as const;

/** Whether endpoints get deliveries, as somebody decides: active, paused or disabled. */
export class EndpointStatuses {
  readonly #parts: EndpointStatusParts;

  constructor(parts: EndpointStatusParts) {
    this.#parts = parts;
  }

  /** @throws ConflictError `endpoint_disabled` if it is disabled. */
  pause(tenant: string, endpoint: string, options: StopOptions, by?: By): Promise<Endpoint> {
    return this.#stop(tenant, endpoint, "paused", options, by);
  }

  disable(tenant: string, endpoint: string, options: StopOptions, by?: By): Promise<Endpoint> {
    return this.#stop(tenant, endpoint, "disabled", options, by);
  }

  /** @throws ConflictError `endpoint_disabled` if it is disabled. */
  async resume(tenant: string, endpoint: string, by?: By): Promise<Endpoint> {
    const row = await this.#set(tenant, endpoint, "resume", by, ["active", "paused"]);
    if (heldUpByStatus(row) === undefined) await this.#parts.watch.letIn(row);
    return row;
  }

  /** What is known of its failures is forgotten. @throws ConflictError `endpoint_paused` when it is paused. */
  async enable(tenant: string, endpoint: string, by?: By): Promise<Endpoint> {
    const row = await this.#set(tenant, endpoint, "enable", by, ["active", "disabled"]);
    if (heldUpByStatus(row) === undefined) await this.#parts.watch.letIn(row, true);
    return row;
  }

  async #stop(
    tenant: string,
    endpoint: string,
    status: "paused" | "disabled",
    options: StopOptions,
    by: By | undefined,
  ): Promise<Endpoint> {
    refuseUnknown(options, ["queued"]);
    const { queued = "kept" } = options;
    if (queued !== "kept" && queued !== "dropped") throw wrong(["queued"], "must be kept or dropped");
    if (queued === "dropped") await this.#drop(tenant, endpoint, status, by);
    const from: Status[] = status === "paused" ? ["active", "paused"] : ["active", "paused", "disabled"];
    const verb = status === "paused" ? "pause" : "disable";
    const row = await this.#set(tenant, endpoint, verb, by, from, queued === "dropped");
    if (queued === "kept") this.#parts.lanes.park(laneOf(row.tenant, row.id), status);
    return row;
  }

  /** Made durable before the status changes, so that any process can cancel what waits. */
  async #drop(
    tenant: string,
    endpoint: string,
    status: "paused" | "disabled",
    by: By | undefined,
  ): Promise<void> {
    const { changes, intake, clock } = this.#parts;
    const { id, tenant: owner, revision } = await changes.find(tenant, endpoint);
    const said = by?.reason ? `: ${by.reason}` : "";
    const reason = `dropped when its endpoint was ${status}${said}`;
    await intake.accept(
      cancelJob({ kind: "status", tenant: owner, endpoint: id, status, revision, reason }, clock.now()),
    );
  }

  /** @param isAnew also if it has the status already, because what was requested with it still has to be done. */
  async #set(
    tenant: string,
    endpoint: string,
    verb: keyof typeof BECOMES,
    by: By | undefined,
    from: readonly Status[],
    isAnew = false,
  ): Promise<Endpoint> {
    const { changes, clock, instrument } = this.#parts;
    const { actor, reason } = byWhom(by);
    const status: Status = BECOMES[verb];
    let was: Status = status;
    const row = await changes.replace(
      tenant,
      endpoint,
      by,
      (before) => {
        was = before.status;
        if (!from.includes(was)) throw refused(before);
        if (was === status && !isAnew) return before;
        return { ...before, status, statusReason: reason, statusActor: actor, statusAt: clock.now() };
      },
      `endpoint.${verb}`,
    );
    if (was !== status) {
      const told = status === "active" && was === "disabled" ? "enabled" : TOLD[status];
      instrument[`endpoint.${told}`].publish({ tenantId: row.tenant, endpointId: row.id, actor, reason });
    }
    return row;
  }
}

function refused({ id, status }: Endpoint): ConflictError {
  return status === "disabled"
    ? new ConflictError("endpoint_disabled", `the endpoint ${id} is disabled; enable it first`)
    : new ConflictError("endpoint_paused", `the endpoint ${id} is paused, not disabled; resume it`);
}
