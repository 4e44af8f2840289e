import type { Endpoint } from "../../store/shelves/endpoints.ts";
import { kindOf } from "./endpoint-keys.ts";
import type { ReadEndpoint } from "./endpoint-options.ts";
import type { EndpointSecret, EndpointSecrets } from "./endpoint-secrets.ts";

export interface NewRow {
  readonly read: ReadEndpoint;
  readonly id: string;
  readonly tenant: string;
  /** Newest first. */
  readonly secrets: readonly EndpointSecret[];
  readonly now: number;
  readonly actor: string | null;
  /** Default `active`. */
  readonly status?: Endpoint["status"] | undefined;
  /** Why it has its status. */
  readonly reason?: string | null;
}

/**
 * The row of an endpoint that is made now.
 * @throws InvalidInputError when its headers and its authentication send the same header.
 */
export function newRow(
  { read, id, tenant, secrets, now, actor, status = "active", reason = null }: NewRow,
  sealed: EndpointSecrets,
): Endpoint {
  return sealed.into(
    {
      ...read.fields,
      id,
      tenant,
      headers: null,
      auth: null,
      secrets: sealed.seal(id, secrets),
      signature: kindOf(secrets[0]?.key ?? ""),
      status,
      statusReason: reason,
      statusActor: actor,
      statusAt: now,
      revision: 1,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    },
    read,
  );
}
