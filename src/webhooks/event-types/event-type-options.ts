import { type FieldProblem, InvalidInputError } from "../../core/errors.ts";
import { dateOf } from "../../core/instant.ts";
import { rawMember } from "../../core/json/json-member.ts";
import { parseAsWritten } from "../../core/json/parse-as-written.ts";
import { collectProblems, refuseOther, textOf, unknownOptions, wrong } from "../../core/options.ts";
import type { EventType } from "../../store/shelves/event-types.ts";
import { JsonText } from "../accept/deliver-request.ts";
import { descriptionOf } from "../description.ts";
import type { EventTypeSchemas } from "./schema.ts";

/** How an event type is described, and what its events have to look like. In a change, options left out stay, and `null` clears one. */
export interface EventTypeOptions {
  /** For people to read, at most 1000 characters. */
  readonly description?: string;
  /**
   * JSON Schemas (docs/event-schemas.md) by version. Payloads are checked against the last version; numbers in version names sort by value.
   * At most 10, named by 1 to 32 letters, digits, `-`, `_` and `.`. A schema given as a `JsonText` is kept as it is written.
   */
  readonly schemas?: Readonly<Record<string, unknown>> | null;
  /**
   * What happens to an event whose payload does not match: it is sent (`off`), sent with a warning in the answer (`warn`), or refused
   * (`refuse`). Default `off`.
   */
  readonly enforce?: "off" | "warn" | "refuse";
  /** Events of an archived type are kept, but no longer delivered. Default false. */
  readonly isArchived?: boolean;
  /** Shown as deprecated to those who choose event types. Default false. */
  readonly isDeprecated?: boolean;
  /** Only customers with one of these feature flags see it: 1 to 10 names. */
  readonly featureFlags?: readonly string[] | null;
  /** The heading that it is listed under, at most 256 characters. */
  readonly groupName?: string | null;
}

/** An event type as it is registered. */
export interface RegisteredEventType {
  readonly name: string;
  readonly description: string;
  readonly schemas: Readonly<Record<string, unknown>> | null;
  readonly enforce: "off" | "warn" | "refuse";
  readonly isArchived: boolean;
  readonly isDeprecated: boolean;
  readonly featureFlags: readonly string[] | null;
  readonly groupName: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What of an event type's row its caller decides. */
export type EventTypeFields = Omit<EventType, "name" | "createdAt" | "updatedAt">;

export const BLANK_EVENT_TYPE: EventTypeFields = {
  description: "",
  schemas: null,
  enforce: "off",
  isArchived: false,
  isDeprecated: false,
  featureFlags: null,
  groupName: null,
};

const MEMBERS = [
  "description",
  "schemas",
  "enforce",
  "isArchived",
  "isDeprecated",
  "featureFlags",
  "groupName",
] satisfies (keyof EventTypeOptions)[];

const MOST_VERSIONS = 10;
const VERSION = /^[a-zA-Z0-9\-_.]{1,32}$/;
const MOST_FLAGS = 10;
const LONGEST_NAME = 256;

/**
 * @param before what is kept where an option is absent.
 * @param more options of the call besides these.
 * @throws InvalidInputError naming every option that is wrong.
 */
export async function readEventType(
  options: EventTypeOptions,
  before: EventTypeFields,
  schemas: Pick<EventTypeSchemas, "schemaOf">,
  more: readonly string[] = [],
): Promise<EventTypeFields> {
  const problems = unknownOptions(options, [...MEMBERS, ...more]);
  const read = <T, R>(value: T | undefined, kept: R, reader: (value: T) => R): R => {
    if (value === undefined) return kept;
    const given = collectProblems(problems, () => [reader(value)] as const); // which may be null
    return given ? given[0] : kept;
  };
  const fields = {
    description: read(options.description, before.description, descriptionOf),
    enforce: read(options.enforce, before.enforce, enforceOf),
    isArchived: read(options.isArchived, before.isArchived, (value) => flagOf(value, "isArchived")),
    isDeprecated: read(options.isDeprecated, before.isDeprecated, (value) => flagOf(value, "isDeprecated")),
    featureFlags: read(options.featureFlags, before.featureFlags, (value) =>
      value === null ? null : flagsOf(value),
    ),
    groupName: read(options.groupName, before.groupName, (value) =>
      value === null ? null : shortOf(value, ["groupName"]),
    ),
    schemas: before.schemas,
  };
  try {
    if (options.schemas !== undefined)
      fields.schemas = options.schemas === null ? null : await schemasOf(options.schemas, schemas);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    problems.push(...error.problems);
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return fields;
}

/** The schema that payloads are checked against. @param kept as `readEventType` wrote them. */
export function lastSchemaOf(kept: string): string | undefined {
  const versions = Object.keys(JSON.parse(kept) as object); // only `schemasOf` writes it
  const last = versions.toSorted((one, other) => one.localeCompare(other, "en", { numeric: true })).at(-1);
  return last === undefined ? undefined : rawMember(kept, last);
}

export function shownEventType({ schemas, featureFlags, ...row }: EventType): RegisteredEventType {
  return {
    ...row,
    schemas: schemas === null ? null : (parseAsWritten(schemas) as RegisteredEventType["schemas"]),
    featureFlags: parsed(featureFlags),
    createdAt: dateOf(row.createdAt),
    updatedAt: dateOf(row.updatedAt),
  };
}

/** Only what was checked is kept. */
function parsed<Of>(json: string | null): Of | null {
  return json === null ? null : (JSON.parse(json) as Of);
}

async function schemasOf(
  given: Readonly<Record<string, unknown>>,
  schemas: Pick<EventTypeSchemas, "schemaOf">,
): Promise<string | null> {
  const path = ["schemas"];
  if (given instanceof JsonText) throw wrong(path, "must be an object of schemas by version");
  refuseOther(given, path, "must be an object of schemas by version");
  const versions = Object.entries(given);
  if (versions.length === 0) return null;
  if (versions.length > MOST_VERSIONS)
    throw wrong(path, `must be at most ${MOST_VERSIONS} versions; there are ${versions.length}`);
  const problems: FieldProblem[] = [];
  const texts: string[] = [];
  for (const [version, schema] of versions) {
    if (!VERSION.test(version)) {
      const detail = "is no name of a version: 1 to 32 letters, digits, -, _ and .";
      problems.push({ path: [...path, version], detail });
      continue;
    }
    texts.push(`${JSON.stringify(version)}:${await schemas.schemaOf(schema, [...path, version])}`);
  }
  if (problems.length > 0) throw new InvalidInputError(problems);
  return `{${texts.join(",")}}`;
}

function enforceOf(value: EventType["enforce"]): EventType["enforce"] {
  if (value === "off" || value === "warn" || value === "refuse") return value;
  throw wrong(["enforce"], "must be off, warn or refuse");
}

function flagOf(value: boolean, name: string): boolean {
  if (typeof value === "boolean") return value;
  throw wrong([name], "must be true or false");
}

function flagsOf(value: readonly string[]): string | null {
  if (!Array.isArray(value) || value.length > MOST_FLAGS)
    throw wrong(["featureFlags"], `must be a list of at most ${MOST_FLAGS} names`);
  if (value.length === 0) return null;
  return JSON.stringify(value.map((flag, at) => shortOf(flag, ["featureFlags", at])));
}

function shortOf(value: string, path: FieldProblem["path"]): string {
  const text = textOf(value, path);
  if (text === "" || text.length > LONGEST_NAME)
    throw wrong(path, `must have 1 to ${LONGEST_NAME} characters`);
  if (/[\p{Cc}\p{Cs}]/u.test(text)) throw wrong(path, "must not contain control characters");
  return text;
}
