import { tenantOf } from "../../store/lane-order.ts";
import type { LeasedJob } from "../../store/queue.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Task } from "../task.ts";
import { LaneLimiter } from "./lane-limiter.ts";

/** The limits that tasks set: of lanes, and of tenants over all their lanes. */
export class Limits {
  /** By the prefix of a tenant's lanes. */
  readonly tenants = new LaneLimiter();
  /**
   * If one worker has all of a tenant's limit, it gets the tenant's lanes too. Otherwise two workers could wait for each other's share
   * forever.
   */
  readonly lanes = new LaneLimiter((lane) => {
    const tenant = tenantOf(lane);
    return tenant !== undefined && this.tenants.isUndivided(tenant) ? tenant : lane;
  });

  /** Whether there is any limit to keep to. */
  get isNeeded(): boolean {
    return this.lanes.isNeeded || this.tenants.isNeeded;
  }

  set fleet(fleet: Pick<Fleet, "placeFor" | "owns">) {
    this.lanes.fleet = fleet;
    this.tenants.fleet = fleet;
  }

  /** There is a job of the task. */
  learn(task: Task, job: LeasedJob, now: number): void {
    const limits = task.limitsOf?.(job);
    if (limits) this.lanes.learn(job.lane, limits, task, job, now);
    const ofTenant = task.tenantLimitsOf?.(job);
    const tenant = ofTenant && tenantOf(job.lane);
    if (ofTenant && tenant !== undefined) this.tenants.learn(tenant, ofTenant, task, job, now);
  }

  /** A job of the lane begins. */
  began(lane: string, now: number): void {
    if (this.lanes.isNeeded) this.lanes.began(lane, now);
    const tenant = this.tenantOf(lane);
    if (tenant !== undefined) this.tenants.began(tenant, now);
  }

  /** Whether the rates of the lane and of its tenant let one more begin. */
  mayBegin(lane: string, now: number): boolean {
    const tenant = this.tenantOf(lane);
    return (
      this.lanes.mayBegin(lane, now) > 0 && (tenant === undefined || this.tenants.mayBegin(tenant, now) > 0)
    );
  }

  /** The lane's tenant, where it is limited. */
  tenantOf(lane: string): string | undefined {
    const tenant = this.tenants.isNeeded ? tenantOf(lane) : undefined;
    return tenant !== undefined && this.tenants.has(tenant) ? tenant : undefined;
  }
}
