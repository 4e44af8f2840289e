import type { LoadPlan } from "../load/plan.ts";
import type { System } from "../systems/system.ts";

/** Jobs that are due, that are done, or that are due and go to an endpoint that does not answer. */
export type Filling = "backlog" | "history" | "hung";

/** One way to use a system, and what is measured of it. */
export interface Scenario {
  readonly name: string;
  /** One line, for `--list`. */
  readonly what: string;
  /** What the load is, if not the plain one: 64 connections, 300 bytes, one target. */
  readonly load?: Partial<LoadPlan>;
  /** What is put into the database before the system starts, through the store's own API. */
  readonly filled?: Filling;
  /** Another session of the database holds a snapshot open for the whole of the load. */
  readonly besideSnapshot?: boolean;
  /** Worker processes next to a server that runs no jobs. */
  readonly workers?: number;
  /** Nothing is asked of it. */
  readonly idle?: boolean;
  /** Jobs that do nothing, without HTTP. */
  readonly task?: boolean;
}

/** Why a system cannot be measured this way, or undefined. */
export function misfit(scenario: Scenario, system: System): string | undefined {
  if (scenario.filled && !system.store) return "its database cannot be filled beforehand";
  if (scenario.besideSnapshot && (system.service !== "postgres" || !system.hasWorkers))
    return "its database cannot be looked into";
  if (scenario.workers && !system.hasWorkers) return "its workers cannot be counted";
  if (scenario.task && !system.task) return "it has no run without HTTP";
  return undefined;
}
