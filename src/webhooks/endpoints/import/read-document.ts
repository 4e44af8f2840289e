import { type FieldProblem, InvalidInputError } from "../../../core/errors.ts";
import { isId } from "../../../core/id.ts";
import {
  collectProblems,
  instantOf,
  refuseOther,
  textOf,
  unknownOptions,
  wrong,
} from "../../../core/options.ts";
import { refuseTestOperators } from "../../operational/reserved-tenant.ts";
import { type NewTenantOptions, readTenant, type TenantFields } from "../../tenants/tenant-options.ts";
import { checkedKey } from "../endpoint-keys.ts";
import {
  BLANK_ENDPOINT,
  type EndpointOptions,
  type ReadEndpoint,
  readEndpoint,
} from "../endpoint-options.ts";
import { type EndpointSecret, MOST_SECRETS } from "../endpoint-secrets.ts";

/** Endpoints to import from another sender, or from another Posthorn. */
export interface EndpointsDocument {
  readonly tenants: readonly ImportedTenant[];
}

export interface ImportedTenant extends NewTenantOptions {
  readonly uid: string;
  readonly endpoints: readonly ImportedEndpoint[];
}

/**
 * An endpoint as it was at the other sender, with everything that its receiver relies on. It needs a `uid` or an `id`, so that another
 * import recognises it.
 */
export interface ImportedEndpoint extends Omit<EndpointOptions, "verification"> {
  /** Its id at another Posthorn, `ep_…`. Default: a new one. */
  readonly id?: string;
  /** The first signs from now on; the others too, until they expire. At most ten. */
  readonly secrets: readonly ImportedSecret[];
  /** Default `active`. */
  readonly status?: "active" | "paused" | "disabled";
}

export interface ImportedSecret {
  /** `whsec_…` or `whsk_…`. */
  readonly secret: string;
  /** When it stops signing; only for secrets after the first. */
  readonly until?: string | Date;
}

export interface ReadTenant {
  readonly uid: string;
  readonly fields: TenantFields;
  readonly mode: "live" | "test";
  readonly endpoints: readonly ReadEntry[];
}

export interface ReadEntry {
  /** Its location in the document. */
  readonly path: FieldProblem["path"];
  readonly id: string | undefined;
  readonly read: ReadEndpoint;
  /** Newest first. */
  readonly secrets: readonly EndpointSecret[];
  readonly status: "active" | "paused" | "disabled";
}

const BLANK_TENANT: TenantFields = { uid: null, name: "", metadata: "{}", limits: null };
const STATUSES = ["active", "paused", "disabled"] as const;

/**
 * Checks a whole document, but for where its URLs lead.
 * @throws InvalidInputError naming everything that is wrong, by where it stands.
 */
export function readDocument(document: EndpointsDocument, now: number): readonly ReadTenant[] {
  refuseOther(document, [], "must be an object with tenants");
  const problems = unknownOptions(document, ["tenants"]);
  const uids = new Map<string, number>();
  const tenants = listAt(document.tenants, ["tenants"], problems).map((tenant, at) => {
    const read = within(problems, ["tenants", at], () =>
      readTenantAt(tenant, ["tenants", at], now, problems),
    );
    const first = read && uids.get(read.uid);
    if (read && first === undefined) uids.set(read.uid, at);
    else if (read)
      problems.push({ path: ["tenants", at, "uid"], detail: `is also that of tenants.${first}` });
    return read;
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
  return tenants.flatMap((tenant) => tenant ?? []);
}

function readTenantAt(
  tenant: ImportedTenant,
  path: FieldProblem["path"],
  now: number,
  problems: FieldProblem[],
): ReadTenant {
  refuseOther(tenant, [], "must be an object with a uid and endpoints");
  const { endpoints, mode = "live", ...options } = tenant;
  const { uid } = tenant;
  if (uid === undefined || uid === null) throw wrong(["uid"], "is required");
  if (mode !== "live" && mode !== "test") throw wrong(["mode"], "must be live or test");
  const fields = readTenant(options, BLANK_TENANT);
  refuseTestOperators({ uid, mode });
  const names = new Map<string, number>();
  const entries = listAt(endpoints, [...path, "endpoints"], problems).map((endpoint, at) => {
    const place = [...path, "endpoints", at];
    const entry = within(problems, place, () => readEntry(endpoint, place, now));
    for (const name of [entry?.id, entry?.read.fields.uid]) {
      if (!name) continue;
      const first = names.get(name);
      if (first === undefined) names.set(name, at);
      else problems.push({ path: place, detail: `has the uid or id of endpoints.${first} of this tenant` });
    }
    return entry;
  });
  return {
    uid,
    fields: { ...fields, name: fields.name || uid },
    mode,
    endpoints: entries.flatMap((entry) => entry ?? []),
  };
}

function readEntry(endpoint: ImportedEndpoint, path: FieldProblem["path"], now: number): ReadEntry {
  refuseOther(endpoint, [], "must be an object with a url and secrets");
  const { id, secrets, status = "active", ...options } = endpoint;
  const problems: FieldProblem[] = [];
  if (id !== undefined && !(typeof id === "string" && isId("ep", id)))
    problems.push({
      path: ["id"],
      detail: "must be an id of Posthorn's, ep_ and 26 characters; give others as the uid",
    });
  if (id === undefined && !options.uid)
    problems.push({ path: ["uid"], detail: "is required if there is no id" });
  if (!STATUSES.includes(status))
    problems.push({ path: ["status"], detail: `must be one of ${STATUSES.join(", ")}` });
  if ("verification" in options)
    problems.push({ path: ["verification"], detail: "cannot be imported; set it afterwards" });
  const read = collectProblems(problems, () => readEndpoint(options, BLANK_ENDPOINT));
  const keys = collectProblems(problems, () => secretsOf(secrets, now));
  if (problems.length > 0 || !read || !keys) throw new InvalidInputError(problems);
  return { path, id, read, secrets: keys, status };
}

/** Those that have expired are left out. */
function secretsOf(given: readonly ImportedSecret[], now: number): readonly EndpointSecret[] {
  if (!Array.isArray(given) || given.length === 0 || given.length > MOST_SECRETS)
    throw wrong(["secrets"], `must be a list of 1 to ${MOST_SECRETS} objects with a secret`);
  const problems: FieldProblem[] = [];
  const secrets = given.flatMap((each: ImportedSecret, at): EndpointSecret[] => {
    const place = ["secrets", at];
    const read = within(problems, place, () => {
      refuseOther(each, [], "must be an object with a secret");
      const { secret, until } = each;
      const key = checkedKey(textOf(secret, ["secret"]));
      if (at === 0 && until !== undefined && until !== null)
        throw wrong(["until"], "is for the secrets after the first, which signs until it is rotated");
      if (at > 0 && (until === undefined || until === null))
        throw wrong(["until"], "is required after the first");
      return { key, from: now, until: at === 0 ? null : instantOf(until ?? "", ["until"]) };
    });
    return read && (read.until === null || read.until > now) ? [read] : [];
  });
  if (problems.length > 0) throw new InvalidInputError(problems);
  return secrets;
}

function listAt<Of>(
  list: readonly Of[],
  path: FieldProblem["path"],
  problems: FieldProblem[],
): readonly Of[] {
  if (Array.isArray(list)) return list;
  problems.push({ path, detail: "must be a list" });
  return [];
}

/** Returns what `read` returns, and reports its problems with their location. */
function within<Of>(problems: FieldProblem[], place: FieldProblem["path"], read: () => Of): Of | undefined {
  const found: FieldProblem[] = [];
  const given = collectProblems(found, read);
  problems.push(...found.map(({ path, detail }) => ({ path: [...place, ...path], detail })));
  return given;
}
