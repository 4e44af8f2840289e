import { z } from "zod";
import { cursors, listed, rows } from "./lists.ts";
import { limits, metadata, uid } from "./registered.ts";
import { moment } from "./times.ts";

const mode = z.enum(["live", "test"]).meta({
  description:
    "test: for trying things out. API keys for the mode test see only such tenants; keys for live see none of them. Default: live.",
});

const changes = {
  uid: uid("app").nullable().optional(),
  name: z
    .string()
    .meta({
      description: "For people to read, at most 256 characters. Default: the uid, or empty.",
      maxLength: 256,
    })
    .nullable()
    .optional(),
  metadata: metadata.nullable().optional(),
  limits: limits
    .meta({ description: "Limits for all of its endpoints together; ordered is not allowed here." })
    .nullable()
    .optional(),
};

export const tenantBody = z
  .strictObject({ ...changes, mode: mode.optional() })
  .meta({ description: "A customer whose endpoints get events." });

export const tenantChanges = z
  .strictObject(changes)
  .meta({ description: "Fields that are left out stay as they are; null clears a field." });

export const tenantAnswer = z
  .object({
    tenant_id: z
      .string()
      .meta({ description: "The tenant's id.", examples: ["app_01k9zq3v7n8r2m4w6x8y0z1a3b"] }),
    uid: z
      .string()
      .nullable()
      .meta({ description: "Your own id for it; null if it has none.", examples: ["acme"] }),
    name: z.string().meta({ description: "For people to read; may be empty.", examples: ["Acme Ltd"] }),
    metadata,
    limits: limits.nullable().meta({ description: "Limits for all of its endpoints together; null: none." }),
    mode,
    made_by: z
      .enum(["api", "endpoint", "event"])
      .meta({ description: "What created it: a request to do so, its first endpoint, or its first event." }),
    created_at: moment("When it was created."),
    updated_at: moment("When it was last changed."),
  })
  .meta({ description: "A customer whose endpoints get events." });

export const tenantPage = z
  .object({ data: rows(tenantAnswer), ...cursors })
  .meta({ description: "Oldest first, unless order says otherwise." });

export const tenantsQuery = z.strictObject({
  mode: mode.meta({ description: "Only tenants of this mode. Default: both." }).optional(),
  ...listed,
});

export type TenantBody = z.infer<typeof tenantBody>;
export type TenantAnswer = z.infer<typeof tenantAnswer>;

export const eraseBody = z
  .strictObject({
    dry_run: z.boolean().meta({
      description: "true: erase nothing, and answer how much there is to erase. false: erase it.",
    }),
  })
  .meta({ description: "Whether to erase the tenant, or only to count what there is." });

function erased(what: string) {
  return z.int().meta({ description: `How many ${what} it has; at most 10 001 are counted.` });
}

export const erasingAnswer = z
  .object({
    tenant_id: z.string().meta({ description: "The tenant's id." }),
    events: erased("events"),
    deliveries: z.int().meta({ description: "How many deliveries the counted events have, or will have." }),
    endpoints: z.int().meta({
      description:
        "How many endpoints it has, including deleted ones; at most 10 001 of either kind are counted.",
    }),
    keys: erased("API keys of its own"),
    sessions: erased("portal sessions"),
    job_id: z.string().nullable().meta({
      description:
        "The id of the job that erases the tenant; once it has succeeded, nothing is left; null for a dry run.",
    }),
  })
  .meta({ description: "How much there is to erase." });

export type ErasingAnswer = z.infer<typeof erasingAnswer>;
