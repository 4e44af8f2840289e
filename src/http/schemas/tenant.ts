import { z } from "zod";
import { cursors, listed } from "./lists.ts";
import { limits, metadata, uid } from "./registered.ts";
import { moment } from "./times.ts";

const mode = z.enum(["live", "test"]).meta({
  description:
    "test: for trying things out. Keys for mode test only see such tenants; keys for mode live see none of them.",
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
  limits: limits.meta({ description: "Of all its endpoints together; not ordered." }).nullable().optional(),
};

export const tenantBody = z
  .strictObject({ ...changes, mode: mode.optional() })
  .meta({ description: "A customer whose endpoints get events." });

export const tenantChanges = z
  .strictObject(changes)
  .meta({ description: "Fields that are left out stay as they are; null clears a field." });

export const tenantAnswer = z.object({
  tenant_id: z.string().meta({ examples: ["app_01k9zq3v7n8r2m4w6x8y0z1a3b"] }),
  uid: z.string().nullable(),
  name: z.string(),
  metadata,
  limits: limits.nullable(),
  mode,
  made_by: z
    .enum(["api", "endpoint", "event"])
    .meta({ description: "What made it: a request for it, its first endpoint, or its first event." }),
  created_at: moment("When it was made."),
  updated_at: moment("When it was last changed."),
});

export const tenantPage = z.object({ data: z.array(tenantAnswer), ...cursors });

export const tenantsQuery = z.strictObject({
  mode: mode.optional(),
  ...listed,
});

export type TenantBody = z.infer<typeof tenantBody>;
export type TenantAnswer = z.infer<typeof tenantAnswer>;

export const eraseBody = z.strictObject({
  dry_run: z
    .boolean()
    .meta({ description: "true: nothing is erased, and the answer says how much there is." }),
});

const erased = z.int().meta({ description: "No more than 10 001 are counted." });

export const erasingAnswer = z.object({
  tenant_id: z.string(),
  events: erased,
  deliveries: erased.meta({ description: "That these events have, or will have." }),
  endpoints: erased.meta({ description: "Deleted ones, too." }),
  keys: erased,
  sessions: erased.meta({ description: "Of the portal." }),
  job_id: z.string().nullable().meta({
    description: "The job that erases it; once it has succeeded, nothing is left. Null of a dry run.",
  }),
});

export type ErasingAnswer = z.infer<typeof erasingAnswer>;
