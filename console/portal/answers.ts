/** Of the API's answers, what the portal shows. */

export interface Page<Of> {
  readonly data: readonly Of[];
  readonly next_cursor: string | null;
}

export interface Endpoint {
  readonly endpoint_id: string;
  readonly url: string;
  readonly description: string;
  readonly event_types: readonly string[] | null;
  /** False for a session that is limited to some event types, of an endpoint that gets others too. */
  readonly sees_all_event_types?: boolean;
  readonly headers: readonly string[];
  readonly signature: "hmac" | "ed25519";
  readonly status: "active" | "paused" | "disabled";
  readonly status_reason: string | null;
  readonly status_changed_at: string;
  readonly health: Health;
  /** In the list, if it was asked for; null for a session that does not see all that it gets. */
  readonly backlog?: { readonly due: number; readonly held: number; readonly scheduled: number } | null;
  readonly created_at: string;
}

export interface Health {
  readonly breaker: "closed" | "open" | "half_open";
  readonly failing_since: string | null;
  readonly next_probe_at: string | null;
  readonly last_success_at: string | null;
  readonly last_failure_at: string | null;
  readonly last_error: string | null;
}

export interface EventType {
  readonly name: string;
  readonly description: string;
  readonly schemas: Readonly<Record<string, Schema>> | null;
  readonly is_deprecated: boolean;
  readonly group_name: string | null;
}

/** The server takes only what is a JSON Schema. */
export interface Schema {
  readonly examples?: readonly unknown[];
}

export interface Attempt {
  readonly attempt_id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly type: string | null;
  readonly job_id: string;
  readonly attempt: number;
  readonly outcome: string;
  readonly http_status: number | null;
  readonly error: string | null;
  readonly started_at: string;
  readonly duration_ms: number;
  readonly response: string | null;
}

export interface EndpointStats {
  readonly points: readonly {
    readonly succeeded: number;
    readonly failed: number;
    readonly retried: number;
  }[];
}

export interface Trial {
  readonly succeeded: boolean;
  readonly event_id: string;
  readonly type: string;
  readonly http_status: number | null;
  readonly excerpt: string | null;
  readonly error: string | null;
  readonly duration_ms: number;
}

/** Who changed something, when and why. */
export interface Made {
  readonly at: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly changes: Readonly<Record<string, { readonly was: unknown; readonly is: unknown }>>;
}

export interface Change extends Made {
  readonly revision: number;
}

/** Something that was done to an endpoint, or with deliveries. */
export interface Done extends Made {
  readonly id: string;
  readonly action: string;
  readonly target: string;
  readonly endpoint: {
    readonly endpoint_id: string;
    readonly url: string | null;
    readonly is_deleted: boolean;
  } | null;
}
