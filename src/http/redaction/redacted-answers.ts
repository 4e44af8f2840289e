import type { Payloads } from "../../access/keys.ts";
import { jsonText, largeTextOf } from "../answer/answer.ts";
import { redactJson, withoutQueries } from "./redact-text.ts";
import type { RedactionPaths } from "./redaction-paths.ts";
import { rewriteJson } from "./rewrite-json.ts";

/** The members of answers that hold what somebody sent, or what came of it. */
const CONTENT: ReadonlySet<string> = new Set([
  ...["payload", "payload_base64", "input", "result", "progress", "response", "excerpt"],
  ...["error", "detail", "last_error", "lastError", "sample", "responseBody", "attempt_error"],
]);
/** Members of answers that describe what may be sent, and so are named as it is. */
const DESCRIPTIONS: ReadonlySet<string> = new Set(["schemas", "input_schema", "schema"]);

/** The member whose members are numbers, named by the classes of attempts: one of those is `error`. */
const COUNTS = "classes";

/** Types of answers that are sent bit by bit. */
const STREAMS = ["text/event-stream", "application/x-ndjson"];

const NOT_SHOWN = JSON.stringify("•••• not shown to this key");
const TOLD = "posthorn-payloads";

/** Removes from answers what the caller may not see. Every answer of every route goes through here. */
export class RedactedAnswers {
  readonly #paths: RedactionPaths;

  constructor(paths: RedactionPaths) {
    this.#paths = paths;
  }

  /** The answer as it is shown; its header `posthorn-payloads` says so where it is not the whole. */
  async shown(answer: Response, payloads: Exclude<Payloads, "full">): Promise<Response> {
    const type = answer.headers.get("content-type") ?? "";
    if (answer.body && STREAMS.some((each) => type.startsWith(each)))
      return this.#stream(answer, answer.body, payloads);
    if (!type.startsWith("application/json")) return answer;
    const text = largeTextOf(answer) ?? (await answer.text());
    const { "content-length": _, ...headers } = Object.fromEntries(answer.headers);
    return jsonText(answer.status, this.text(text, payloads), { ...headers, [TOLD]: payloads });
  }

  /** The text of an answer. */
  text(text: string, payloads: Exclude<Payloads, "full">): string {
    return rewriteJson(text, (path, kind) => {
      const name = path.at(-1) ?? "";
      if (DESCRIPTIONS.has(name) || (kind === "other" && path.at(-2) === COUNTS)) return (written) => written;
      if (CONTENT.has(name)) return (written) => this.#content(name, written, payloads);
      return kind === "string" ? withoutQueries : undefined;
    });
  }

  /** What a member with content holds, as it is shown. @param written JSON. */
  member(name: string, written: string, payloads: Exclude<Payloads, "full">): string {
    return this.#content(name, written, payloads);
  }

  #content(name: string, written: string, payloads: Exclude<Payloads, "full">): string {
    if (written === "null") return written;
    return payloads === "none" || name === "payload_base64" ? NOT_SHOWN : redactJson(written, this.#paths);
  }

  /** Line by line: each event's data is one, and each job of an export. */
  #stream(answer: Response, body: ReadableStream<Uint8Array>, payloads: Exclude<Payloads, "full">): Response {
    const decoder = new TextDecoder();
    const encoder = new TextEncoder();
    let rest = "";
    const lines = new TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => {
        const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
        rest = parts.pop() ?? "";
        const shown = parts.map((line) => `${this.#line(line, payloads)}\n`).join("");
        if (shown !== "") controller.enqueue(encoder.encode(shown));
      },
    });
    const headers = new Headers(answer.headers);
    headers.set(TOLD, payloads);
    return new Response(body.pipeThrough(lines), { status: answer.status, headers });
  }

  #line(line: string, payloads: Exclude<Payloads, "full">): string {
    if (line.startsWith("data: {")) return `data: ${this.text(line.slice(6), payloads)}`;
    return line.startsWith("{") ? this.text(line, payloads) : line;
  }
}
