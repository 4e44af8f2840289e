/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html, or Node's own code of a failed connection. */
export function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return "";
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return codeOf(thrown.errors[0]);
  return "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
