import { InvalidInputError } from "../../core/errors.ts";
import { dateOf } from "../../core/instant.ts";
import { type Metadata, metadataOf } from "../../core/metadata.ts";
import { callerIdOf } from "../../core/names.ts";
import { collectProblems, textOf, unknownOptions, wrong } from "../../core/options.ts";
import type { Tenant } from "../../store/shelves/tenants.ts";
import { type LimitOptions, limitsOf, shownLimits } from "../limit-options.ts";

/** A customer whose endpoints get events. */
export interface TenantOptions {
  /**
   * Your own id for it: 1 to 256 letters, digits, `-`, `_` and `.`, not starting with `app_`. Unique. `posthorn` is reserved for
   * operational events.
   */
  readonly uid?: string | null;
  /** For people to read, at most 256 characters. Default: its uid, or empty. */
  readonly name?: string;
  /** Strings by name, at most 4096 bytes as JSON. */
  readonly metadata?: Metadata;
  /** Limits of all its endpoints together. */
  readonly limits?: LimitOptions | null;
}

export interface NewTenantOptions extends TenantOptions {
  /** `test` is for trying things out: keys bound to a mode see only tenants of that mode. Default `live`. */
  readonly mode?: "live" | "test";
}

export interface EraseOptions {
  /** `true` erases nothing, and returns how much there is. */
  readonly dryRun: boolean;
}

/** How much is stored about a tenant, and will be erased (or, in a dry run, would be). Each count stops at 10 001. */
export interface Erasing {
  readonly tenantId: string;
  readonly events: number;
  /** The deliveries of these events, including those still to be created. */
  readonly deliveries: number;
  /** Including deleted ones. */
  readonly endpoints: number;
  readonly keys: number;
  /** Portal sessions, including codes that have not been used yet. */
  readonly sessions: number;
  /** The job that erases it: once it has succeeded, nothing is left. Null in a dry run. */
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
  /** How it was created: by a call, by its first endpoint, or by its first event. */
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
  if (/[\p{Cc}\p{Cs}]/u.test(name)) throw wrong(["name"], "must not contain control characters");
  return name;
}
