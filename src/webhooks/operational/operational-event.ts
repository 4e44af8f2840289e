/** Members of every operational event that is about an endpoint. */
export interface AboutEndpoint {
  readonly tenant_id: string;
  /** Null if it has none, or was deleted since. */
  readonly tenant_uid: string | null;
  readonly endpoint_id: string;
  readonly endpoint_uid: string | null;
}

/** Somebody disabled an endpoint, or it was disabled because it answered 410 or failed for days. */
export interface EndpointDisabled extends AboutEndpoint {
  readonly reason: string | null;
  /** Who did it; null if nobody said, or if Posthorn did it by itself. */
  readonly actor: string | null;
  /** Since when every delivery has failed; null if the last one succeeded. */
  readonly failing_since: string | null;
}

/** A disabled endpoint gets events again. */
export interface EndpointEnabled extends AboutEndpoint {
  readonly reason: string | null;
  readonly actor: string | null;
}

/** Deliveries to an endpoint kept failing, and wait. */
export interface BreakerOpened extends AboutEndpoint {
  /** In a row. */
  readonly failures: number;
  readonly failing_since: string | null;
  /** The last error. */
  readonly error: string | null;
  /** When one delivery probes whether it works again. */
  readonly next_probe_at: string | null;
}

/** The endpoint works again, or somebody reset its breaker: what waited is sent. */
export interface BreakerClosed extends AboutEndpoint {
  readonly opened_at: string | null;
}

/**
 * Deliveries to an endpoint have failed four times and will be retried, have failed permanently, or have succeeded after failing four times
 * or more. One event stands for all such deliveries since the last event of its type, which was sent at least ten minutes earlier.
 */
export interface DeliveryTrouble extends AboutEndpoint {
  /** How many deliveries it stands for. */
  readonly deliveries: number;
  readonly last: TroubledDelivery;
}

/** The last one of them. */
export interface TroubledDelivery {
  readonly job_id: string;
  /** Null, like its type, once the event has been deleted. */
  readonly event_id: string | null;
  readonly event_type: string | null;
  readonly attempts: number;
  /** The error of its last attempt; null if that succeeded. */
  readonly error: string | null;
  /** Null if there will be none. */
  readonly next_attempt_at: string | null;
}

/** A bulk run has ended, was stopped, or paused by itself. */
export interface BulkEnded {
  readonly bulk_id: string;
  readonly action: string;
  /** `done`, `stopped`, `taken_back`, or `paused` (by itself; `reason` says why). */
  readonly state: string;
  readonly reason: string | null;
  /** The tenant it was limited to; null if it covered all tenants. */
  readonly tenant_id: string | null;
  readonly tenant_uid: string | null;
  readonly matched: number;
  readonly done: number;
  /** How many of the jobs it queued had failed permanently by then; more may follow. */
  readonly failed: number;
  /** By reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly actor: string | null;
  readonly note: string | null;
  readonly created_at: string;
  readonly ended_at: string | null;
}

/** The `data` of each operational event, by its type. */
export interface OperationalData {
  readonly "posthorn.endpoint.disabled": EndpointDisabled;
  readonly "posthorn.endpoint.enabled": EndpointEnabled;
  readonly "posthorn.endpoint.breaker_opened": BreakerOpened;
  readonly "posthorn.endpoint.breaker_closed": BreakerClosed;
  readonly "posthorn.delivery.failing": DeliveryTrouble;
  readonly "posthorn.delivery.exhausted": DeliveryTrouble;
  readonly "posthorn.delivery.recovered": DeliveryTrouble;
  readonly "posthorn.bulk.ended": BulkEnded;
}

export type OperationalType = keyof OperationalData;
/** Of those that add up. */
export type DeliveryType = Extract<OperationalType, `posthorn.delivery.${string}`>;

/**
 * An operational event, as it is sent to the endpoints of the tenant `posthorn`, or to `operationalUrl`. See docs/operational-events.md.
 * @example
 * const event = JSON.parse(verified) as OperationalEvent;
 * if (event.type === "posthorn.endpoint.disabled") page(event.data.tenant_uid, event.data.reason);
 */
export type OperationalEvent = {
  readonly [Type in OperationalType]: {
    readonly type: Type;
    /** When it happened; RFC 3339. */
    readonly timestamp: string;
    readonly data: OperationalData[Type];
  };
}[OperationalType];

/** What is known when it happens; whom it is about is looked up when it is told. */
export type Known<Type extends OperationalType> = Omit<
  OperationalData[Type],
  keyof AboutEndpoint | (Type extends "posthorn.endpoint.disabled" ? "failing_since" : never)
>;
