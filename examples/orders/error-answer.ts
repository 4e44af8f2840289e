import { OverloadedError } from "posthorn";
import { ZodError } from "zod";

/** What the client is told about an error. */
export function errorAnswer(error: unknown): { status: 400 | 422 | 500 | 503; body: { error: string } } {
  if (error instanceof ZodError) return { status: 422, body: { error: fieldsOf(error) } };
  if (isMalformed(error)) return { status: 400, body: { error: "the body is not JSON" } };
  if (error instanceof OverloadedError) return { status: 503, body: { error: "busy, try again" } };
  console.error(error);
  return { status: 500, body: { error: "failed" } };
}

/** Frameworks that read bodies themselves say so with a status. */
function isMalformed(error: unknown): boolean {
  return (
    error instanceof SyntaxError ||
    (error instanceof Error && "statusCode" in error && error.statusCode === 400)
  );
}

function fieldsOf({ issues }: ZodError): string {
  return issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`).join("; ");
}
