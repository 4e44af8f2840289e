import { InvalidInputError } from "../../core/errors.ts";
import { dateOf } from "../../core/instant.ts";
import { type Metadata, metadataOf } from "../../core/metadata.ts";
import { callerIdOf } from "../../core/names.ts";
import { collectProblems, textOf, unknownOptions, wrong } from "../../core/options.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import { type LimitOptions, limitsOf, shownLimits } from "../limit-options.ts";

/** A customer whose endpoints get events. */
export interface TenantOptions {
  /** The caller's own id for it: 1 to 256 letters, digits, `-`, `_` and `.`, not beginning with `app_`. Unique. `posthorn` is reserved for operational events. */
  readonly uid?: string | null;
  /** For people to read, at most 256 characters. Default: its uid, or empty. */
  readonly name?: string;
  /** Strings by name, at most 4096 bytes as JSON. */
  readonly metadata?: Metadata;
  /** Of all its endpoints together. */
  readonly limits?: LimitOptions | null;
}

export interface NewTenantOptions extends TenantOptions {
  /** Whether it is for trying things out: keys for tests see only such tenants, others only the live ones. Default `live`. */
  readonly mode?: "live" | "test";
}

export interface EraseOptions {
  /** `true`: nothing is erased, and the answer says how much there is. */
  readonly dryRun: boolean;
}

/** What is kept of a tenant that will be erased, or would be. No more than 10 001 of each are counted. */
export interface Erasing {
  readonly tenantId: string;
  readonly events: number;
  /** That these events have, or will have. */
  readonly deliveries: number;
  /** Deleted ones, too. */
  readonly endpoints: number;
  readonly keys: number;
  /** Sessions of the portal, and codes for some. */
  readonly sessions: number;
  /** The job that erases it: once that has succeeded, nothing is left. Null of a dry run. */
  readonly jobId: string | null;
}

/** A tenant as it is registered. */
export interface RegisteredTenant {
  readonly id: string;
  readonly uid: string | null;
  readonly name: string;
  readonly metadata: Metadata;
  readonly limits: LimitOptions | null;
  readonly mode: "live" | "test";
  /** What made it: a call, the first endpoint, or the first event. */
  readonly madeBy: "api" | "endpoint" | "event";
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What of a tenant's row its caller decides. */
export type TenantFields = Pick<Tenant, "uid" | "name" | "metadata" | "limits">;

const MEMBERS = ["uid", "name", "metadata", "limits"] satisfies (keyof TenantOptions)[];
const LONGEST_NAME = 256;

/**
 * @param before what is kept where an option is absent.
 * @param more options of the call besides these.
 * @throws InvalidInputError naming every option that is wrong.
 */
export function readTenant(
  options: TenantOptions,
  before: TenantFields,
  more: readonly string[] = [],
): TenantFields {
  const problems = unknownOptions(options, [...MEMBERS, ...more]);
  const { uid, name, metadata, limits } = options;
  const read = <T, R>(value: T | undefined, kept: R, reader: (value: T) => R): R => {
    if (value === undefined) return kept;
    const given = collectProblems(problems, () => [reader(value)] as const); // which may be null
    return given ? given[0] : kept;
  };
  const fields = {
    uid: read(uid, before.uid, (id) => (id === null ? null : callerIdOf(id, "app", ["uid"]))),
    name: read(name, before.name, nameOf),
    metadata: read(metadata, before.metadata, (given) => JSON.stringify(metadataOf(given))),
    limits: read(limits, before.limits, (given) => limitsOf(given)),
  };
  if (problems.length > 0) throw new InvalidInputError(problems);
  return fields;
}

export function shownTenant({
  id,
  uid,
  name,
  metadata,
  limits,
  mode,
  madeBy,
  createdAt,
  updatedAt,
}: Tenant): RegisteredTenant {
  return {
    id,
    uid,
    name,
    metadata: JSON.parse(metadata) as Metadata, // only readTenant writes it
    limits: shownLimits(limits),
    mode,
    madeBy,
    createdAt: dateOf(createdAt),
    updatedAt: dateOf(updatedAt),
  };
}

export function modeOf(mode: unknown = "live"): Tenant["mode"] {
  if (mode === "live" || mode === "test") return mode;
  throw wrong(["mode"], "must be live or test");
}

function nameOf(value: string): string {
  const name = textOf(value, ["name"]);
  if (name.length > LONGEST_NAME) throw wrong(["name"], `must be at most ${LONGEST_NAME} characters`);
  if (/[\p{Cc}\p{Cs}]/u.test(name)) throw wrong(["name"], "may not hold control characters");
  return name;
}
