import { printable } from "../../core/printable.ts";
import { indentJson } from "../terminal/indent-json.ts";
import { type Output, printJson } from "../terminal/io.ts";
import { printableLine } from "../terminal/printable.ts";
import type { Forwarded } from "./forward.ts";
import type { SignatureCheck } from "./signature-checker.ts";

/** A request that `posthorn listen` got, and what it answered. */
export interface Received {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  /** `webhook-id`. */
  readonly id: string | null;
  /** How often this id has arrived, including this time. */
  readonly seen: number;
  readonly check: SignatureCheck;
  readonly status: number;
  readonly body: string;
  /** Undefined where nothing is forwarded. */
  readonly forwarded?: Forwarded | undefined;
}

/** One line about the request with its body below, or everything as one line of JSON. */
export function printReceived(output: Output, received: Received, json: boolean): void {
  const { at, method, path, id, seen, check, status, body, forwarded } = received;
  if (json) {
    const reason = check.kind === "verified" ? null : check.reason;
    const signature = { signature: check.kind, reason };
    printJson(output, {
      at: at.toISOString(),
      method,
      path,
      webhook_id: id,
      seen,
      ...signature,
      status,
      body,
      ...(forwarded && { forwarded }),
    });
    return;
  }
  const time = at.toISOString().slice(11, 23);
  const who = id === null ? "no webhook-id" : `${id} #${seen}`;
  const line = [time, String(status), `${method} ${path}`, who, verdict(check)].map((part) =>
    printableLine(part),
  );
  output.write(`${line.join("  ")}\n`);
  if (body) output.write(`${indented(printable(indentJson(body) ?? body))}\n`);
  if (!forwarded) return;
  output.write(
    `  answered: ${printableLine("error" in forwarded ? forwarded.error : String(forwarded.status))}\n`,
  );
  if ("body" in forwarded && forwarded.body !== "")
    output.write(`${indented(indented(printable(indentJson(forwarded.body) ?? forwarded.body)))}\n`);
}

function verdict(check: SignatureCheck): string {
  if (check.kind === "verified") return "verified";
  return check.kind === "refused" ? `NOT VERIFIED: ${check.reason}` : `not checked: ${check.reason}`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, "  ");
}
