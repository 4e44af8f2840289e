/** Of every event that is about an endpoint. */
export interface AboutEndpoint {
  readonly tenant_id: string;
  /** Null when it has none, or has been deleted since. */
  readonly tenant_uid: string | null;
  readonly endpoint_id: string;
  readonly endpoint_uid: string | null;
}

/** Somebody disabled an endpoint, or it was disabled because it answered 410 or failed for days. */
export interface EndpointDisabled extends AboutEndpoint {
  readonly reason: string | null;
  /** Who did it; null where nobody said, and where nobody did. */
  readonly actor: string | null;
  /** Since when every delivery has failed; null when the last one did not. */
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
  /** The last one. */
  readonly error: string | null;
  /** When one delivery tries whether it works again. */
  readonly next_probe_at: string | null;
}

/** It works again, or somebody reset its breaker: what waited is sent. */
export interface BreakerClosed extends AboutEndpoint {
  readonly opened_at: string | null;
}

/**
 * Deliveries to an endpoint have failed four times and will be tried again, have failed permanently, or have succeeded after they
 * had failed four times or more. One stands for all since the last one of its type, which is at least ten minutes ago.
 */
export interface DeliveryTrouble extends AboutEndpoint {
  /** How many it stands for. */
  readonly deliveries: number;
  readonly last: TroubledDelivery;
}

/** The last one of them. */
export interface TroubledDelivery {
  readonly job_id: string;
  /** Null, like its type, once its job has been forgotten. */
  readonly event_id: string | null;
  readonly event_type: string | null;
  readonly attempts: number;
  /** Of its last attempt; null when that succeeded. */
  readonly error: string | null;
  /** Null when there will be none. */
  readonly next_attempt_at: string | null;
}

/** A bulk run has ended, was stopped, or paused by itself. */
export interface BulkEnded {
  readonly bulk_id: string;
  readonly action: string;
  /** `done`, `stopped`, `taken_back`, or `paused`: by itself, and then `reason` says why. */
  readonly state: string;
  readonly reason: string | null;
  /** Whose jobs alone it was about; null for those of all. */
  readonly tenant_id: string | null;
  readonly tenant_uid: string | null;
  readonly matched: number;
  readonly done: number;
  /** How many of the jobs that it queued had failed permanently by then; others may follow. */
  readonly failed: number;
  /** By reason. */
  readonly skipped: Readonly<Record<string, number>>;
  readonly actor: string | null;
  readonly note: string | null;
  readonly created_at: string;
  readonly ended_at: string | null;
}

/** What operators are told, by its type: the `data` of each. */
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
 * An operational event as it arrives: what the tenant `posthorn`'s endpoints, or the one of `operationalUrl`, are sent. See docs/operational-events.md.
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
