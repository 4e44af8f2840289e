import { ConfigurationError } from "../../../core/errors.ts";

/** Statements are written with this prefix, for this schema. */
const PREFIX = "posthorn.";
export const DEFAULT_SCHEMA = "posthorn";

/** A name that needs no quotes but for reserved words, and is no longer than PostgreSQL keeps. */
const NAME = /^(?!pg_)[a-z_][a-z0-9_]{0,62}$/;

const TAKES =
  "it takes a name of 1 to 63 characters: lower-case letters a to z, digits and _, not beginning with a digit or pg_";

function isName(name: unknown): name is string {
  return typeof name === "string" && NAME.test(name) && name !== "information_schema";
}

/** A statement's text for another schema. */
export function inSchema(text: string, schema: string): string {
  return schema === DEFAULT_SCHEMA ? text : text.replaceAll(PREFIX, `"${schema}".`);
}

/**
 * The schema that a connection string names, as Prisma has it (`?schema=billing`), and the string without it.
 * @throws ConfigurationError, which does not repeat what is wrong: it may be a part of a password.
 */
export function splitSchema(url: string): { readonly url: string; readonly schema: string | undefined } {
  const [found, name = ""] = PARAMETER.exec(url) ?? [];
  if (found === undefined) return { url, schema: undefined };
  if (!isName(name))
    throw new ConfigurationError(`the schema in the database's connection string is invalid; ${TAKES}`);
  const isFirst = found.startsWith("?") && url.includes(`${found}&`);
  return { url: isFirst ? url.replace(`${found}&`, "?") : url.replace(found, ""), schema: name };
}

const PARAMETER = /[?&]schema=([^&#]*)/;

/**
 * The connection string with the schema in it.
 * @throws ConfigurationError for what is no name, and when the string names another one already.
 */
export function withSchema(url: string, schema: unknown): string {
  if (!isName(schema)) {
    throw new ConfigurationError(`schema (--schema, POSTHORN_SCHEMA) is ${JSON.stringify(schema)}; ${TAKES}`);
  }
  const named = splitSchema(url).schema;
  if (named === schema) return url;
  if (named !== undefined) {
    throw new ConfigurationError(
      `the database's connection string names the schema ${named}, and schema (--schema, POSTHORN_SCHEMA) names ${schema}; name it once`,
    );
  }
  return `${url}${url.includes("?") ? "&" : "?"}schema=${schema}`;
}
