import type { Clock } from "../core/clock.ts";
import type { PayloadTags } from "../core/json/payload-tags.ts";
import type { IdempotencyRules } from "../engine/intake/intake.ts";
import type { RetentionRules } from "../engine/retention/retention-periods.ts";
import type { Instrument } from "../observe/instrument.ts";
import type { Log } from "../observe/log.ts";
import type { AttemptTraces } from "../observe/traces/attempt-span.ts";
import type { Store } from "../store/store.ts";
import type { ScheduleDefinition } from "../tasks/schedule.ts";
import type { TaskDefinition } from "../tasks/task-definition.ts";
import type { BreakerRules } from "../webhooks/breaker/breaker-state.ts";
import type { Destinations } from "../webhooks/destination.ts";
import type { OperationalOptions } from "../webhooks/operational/operational-endpoint.ts";

/** What a Posthorn is made of, with settings that have been checked. */
export interface Parts extends IdempotencyRules {
  /** Closed together with the Posthorn; if assembling fails, it stays open. */
  readonly store: Store;
  readonly clock: Clock;
  /** For handlers. */
  readonly log: Log;
  readonly instrument: Instrument;
  /** 32 bytes in base64. */
  readonly masterKey: string;
  /** Closed with the whole. */
  readonly destinations: Destinations;
  readonly tasks: readonly TaskDefinition[];
  readonly schedules: readonly ScheduleDefinition[];
  readonly concurrency: number;
  /** Whether it also runs jobs. */
  readonly worker: boolean;
  /** Whether it keeps the process alive until it is closed. Default false. */
  readonly keepsAlive?: boolean;
  readonly retention: RetentionRules;
  readonly drainMs: number;
  /** What happens to an event for a tenant that nobody has made. Default `create`. */
  readonly unknownTenants?: "create" | "reject";
  /** Default: none are read. */
  readonly payloadTags?: PayloadTags;
  /** Of how many endpoints metrics tell. Default: none. */
  readonly metricsEndpoints?: number | undefined;
  /** How attempts belong to where their job was enqueued. Default `link`. */
  readonly attemptTraces?: AttemptTraces | undefined;
  /** When deliveries to a failing endpoint wait, and when it is disabled. */
  readonly breaker: BreakerRules;
  /** Where operational events go besides the endpoints that are registered for them. */
  readonly operational?: OperationalOptions | undefined;
  /** Uniform in [0, 1), for jitter. Default: Math.random. */
  readonly random?: () => number;
}
