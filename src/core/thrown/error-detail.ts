import { isError, messageOf } from "../errors.ts";
import { readable } from "../readable.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** What is recorded about an error and its causes. */
export interface ErrorDetail {
  /** The error's name, or the type of a thrown value that is not an error. */
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** As Node has it: name and message, then a line for each call, the innermost first. */
  readonly stack?: string;
  readonly cause?: ErrorDetail;
  /** Of an AggregateError, each. */
  readonly errors?: readonly ErrorDetail[];
}

/** The most characters that all strings of a detail have together. */
const MOST_TEXT = 12_000;
const LONGEST_MESSAGE = 1_000;
const LONGEST_STACK = 4_000;
const MOST_DEEP = 6;
const MOST_PARTS = 5;

/**
 * The stack of what was thrown, with its causes and parts, shortened and without secrets. Other properties that libraries attach to errors
 * (requests, sockets) are left out. Never throws, whatever was thrown.
 */
export function errorDetailOf(thrown: unknown): ErrorDetail {
  return new Detailing().detailOf(thrown, new Set());
}

/** @param kept what is kept of an attempt: null unless its handler threw something. */
export function thrownIn(kept: string | null): ErrorDetail | null {
  const detail: Partial<ErrorDetail> | null = kept === null ? null : readable(kept, JSON.parse); // what attempts record
  return detail?.name === undefined ? null : (detail as ErrorDetail); // with a name, it is one
}

/** For people to read: stacks, one below the other. */
export function errorText({ name, message, stack, cause, errors = [] }: ErrorDetail): string {
  const parts = errors.map((part) => `one of several: ${errorText(part)}`);
  return [
    stack ?? `${name}: ${message}`,
    ...parts,
    ...(cause ? [`caused by: ${errorText(cause)}`] : []),
  ].join("\n");
}

class Detailing {
  #left = MOST_TEXT;

  detailOf(thrown: unknown, around: ReadonlySet<unknown>): ErrorDetail {
    try {
      return isError(thrown) ? this.#ofError(thrown, new Set([...around, thrown])) : this.#ofValue(thrown);
    } catch {
      return { name: "unknown", message: messageOf(thrown) }; // a getter or a proxy that throws
    }
  }

  #ofError(error: Error, around: ReadonlySet<unknown>): ErrorDetail {
    const code = "code" in error && ["string", "number"].includes(typeof error.code) ? error.code : undefined;
    const stack = stackOf(error);
    const isTooDeep = around.size >= MOST_DEEP;
    const isNew = (part: unknown) => part !== undefined && !around.has(part) && !isTooDeep;
    const parts = "errors" in error && Array.isArray(error.errors) ? error.errors.filter(isNew) : [];
    return {
      name: this.#kept(String(error.name), LONGEST_MESSAGE),
      message: this.#kept(String(error.message ?? ""), LONGEST_MESSAGE),
      ...(code !== undefined && { code: this.#kept(String(code), LONGEST_MESSAGE) }),
      ...(stack && { stack: this.#kept(stack, LONGEST_STACK) }),
      ...(isNew(error.cause) && { cause: this.detailOf(error.cause, around) }),
      ...(parts.length > 0 && {
        errors: parts.slice(0, MOST_PARTS).map((part) => this.detailOf(part, around)),
      }),
    };
  }

  #ofValue(thrown: unknown): ErrorDetail {
    return { name: typeof thrown, message: this.#kept(messageOf(thrown), LONGEST_MESSAGE) };
  }

  #kept(text: string, most: number): string {
    const safe = withoutSecrets(text.slice(0, 2 * most)); // the rest is cut off and need not be searched
    const kept = safe.slice(0, Math.min(most, this.#left));
    this.#left -= kept.length;
    return kept;
  }
}

/** Name and message, which may be long, and then where it was made. */
function stackOf({ stack }: Error): string {
  if (typeof stack !== "string") return "";
  const at = stack.search(/^\s*at /m);
  return at === -1
    ? stack
    : `${shortOf(stack.slice(0, at).trimEnd())}\n${stack.slice(at, at + LONGEST_STACK)}`;
}

function shortOf(text: string): string {
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}
