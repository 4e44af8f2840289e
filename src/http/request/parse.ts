import { z } from "zod";
import type { FieldProblem } from "../../core/errors.ts";
import { badBody, badQuery } from "./request-error.ts";

/** @throws RequestError 422 that names every invalid field. */
export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  refuseCrowd(value, []);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badBody(parsed.error.issues.flatMap((issue) => problemsOf(issue, schema)));
}

/** No valid body has more; checking a hundred thousand one by one would hold up everyone else. */
const MOST_MEMBERS = 100;
/** 4096 bytes have room for some five hundred. */
const MOST_IN_METADATA = 1_000;

/** Checks the body, its headers and its options: the objects that are read member by member. */
function refuseCrowd(value: unknown, path: readonly string[], most = MOST_MEMBERS): void {
  if (typeof value !== "object" || value === null) return;
  const count = Object.keys(value).length;
  if (count > most) {
    throw badBody([{ path, detail: `holds ${count} members, more than the ${most} allowed` }]);
  }
  if (path.length > 0) return;
  if ("headers" in value) refuseCrowd(value.headers, ["headers"]);
  if ("options" in value) refuseCrowd(value.options, ["options"]);
  if ("metadata" in value) refuseCrowd(value.metadata, ["metadata"], MOST_IN_METADATA);
}

/** @throws RequestError 422 that names every parameter that is invalid, unknown, or given twice. */
export function parseQuery<T>(schema: z.ZodType<T>, url: string): T {
  const query = new URLSearchParams(/\?([^#]*)/.exec(url)?.[1] ?? "");
  const twice = new Set([...query.keys()].filter((name, at, names) => names.indexOf(name) !== at));
  if (twice.size > 0) {
    throw badQuery([...twice].map((parameter) => ({ parameter, detail: "is given more than once" })));
  }
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (parsed.success) return parsed.data;
  throw badQuery(
    parsed.error.issues
      .flatMap((issue) => problemsOf(issue, schema))
      .map(({ path, detail }) => ({ parameter: path.join("."), detail })),
  );
}

/** What is wrong, without the value: it may be a secret. */
function problemsOf(issue: z.core.$ZodIssue, schema: z.core.$ZodType): FieldProblem[] {
  const path = issue.path.map((step) => (typeof step === "number" ? step : String(step)));
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], detail: unknownAt(path, schema) }));
    case "invalid_type":
      return [{ path, detail: wrongType(issue) }];
    case "invalid_union":
      return [{ path, detail: `must be ${expectedOf(issue.errors.flat()).join(" or ")}` }];
    case "invalid_value":
      return [
        {
          path,
          detail: `must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map(String).join(", ")}`,
        },
      ];
    case "too_small":
      return [
        { path, detail: `must be at least ${issue.minimum}${issue.origin === "string" ? " long" : ""}` },
      ];
    case "too_big":
      return [
        { path, detail: `must be at most ${issue.maximum}${issue.origin === "string" ? " long" : ""}` },
      ];
    default:
      return [{ path, detail: issue.message }];
  }
}

/** Names the valid fields, so that a typo is noticed at once. */
function unknownAt(path: FieldProblem["path"], schema: z.core.$ZodType): string {
  const at = path.reduce(schemaWithin, bare(schema));
  const names = at instanceof z.ZodObject ? Object.keys(at.shape) : [];
  return names.length > 0 ? `is unknown; valid names are ${names.join(", ")}` : "is unknown";
}

function schemaWithin(
  schema: z.core.$ZodType | undefined,
  step: string | number,
): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return bare(schema.shape[step]);
  return schema instanceof z.ZodArray ? bare(schema.element) : undefined;
}

/** Without what makes it optional, nullable and the like. */
function bare(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault)
    return bare(schema.unwrap());
  return schema instanceof z.ZodPipe ? bare(schema.in) : schema;
}

function wrongType(issue: z.core.$ZodIssueInvalidType): string {
  const missing = issue.expected === "nonoptional" || issue.message.endsWith("received undefined");
  if (missing) return "is required";
  // a schema's own sentence says more than the type
  return issue.message.startsWith("Invalid input") ? `must be ${expectedOf([issue]).join()}` : issue.message;
}

function expectedOf(issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.map(
    (issue) => (issue.code === "invalid_type" ? NAMES[issue.expected] : undefined) ?? issue.message,
  );
}

const NAMES: Readonly<Record<string, string>> = {
  string: "a string",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
};
