import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { Origin } from "../../core/origin.ts";
import type { Outcome } from "../../core/outcome.ts";
import type { Ties } from "../../core/ties.ts";
import { type TraceParent, traceOf } from "../../core/traces/trace-parent.ts";
import { ATTRIBUTES, SETTLED, SYSTEM } from "./names.ts";
import { PostSpan } from "./post-span.ts";
import { contextOf, spanContextOf, traceParentOf, tracerNow } from "./tracer.ts";

/** The part of a job that is published with each attempt. */
interface JobToTrace {
  readonly id: string;
  readonly task: string;
  readonly payload: string;
  readonly attempts: number;
  readonly maxAttempts: number;
  readonly dueAt: number;
  readonly ties: Ties | undefined;
  readonly origin: Origin | undefined;
}

/** What an attempt needs to know about traces. */
export interface Traced {
  /** The attempt's own span, if the program traces. */
  readonly span?: AttemptSpan | undefined;
  /** Where it belongs: its span, or else what was kept with its job. */
  readonly trace?: TraceParent | undefined;
}

/** How attempts belong to where their job was enqueued. */
export type AttemptTraces = "link" | "child";

/**
 * `deliver {task}`, `run {task}`: one for each attempt. It begins a trace of its own, with a link to where its job was enqueued, so that
 * retries of days do not stretch one trace; or, where it is told so, it is a child of that place.
 */
export class AttemptSpan {
  /** Undefined for one that belongs to no trace. */
  readonly parent: TraceParent | undefined;
  readonly #span: Span;
  readonly #context: Context;

  private constructor(span: Span) {
    this.#span = span;
    this.#context = trace.setSpan(context.active(), span);
    this.parent = traceParentOf(span.spanContext());
  }

  /** Undefined if the program does not trace. */
  static begin(
    job: JobToTrace,
    doing: "deliver" | "run",
    now: number,
    traces: AttemptTraces = "link",
  ): AttemptSpan | undefined {
    const tracer = tracerNow();
    if (!tracer) return undefined;
    const enqueued = traceOf(job.origin);
    const isChild = enqueued !== undefined && traces === "child";
    const links = enqueued && !isChild ? [{ context: spanContextOf(enqueued) }] : [];
    const parent = isChild ? contextOf(enqueued) : ROOT_CONTEXT;
    const span = tracer.startSpan(`${doing} ${job.task}`, { kind: SpanKind.CONSUMER, links }, parent);
    if (span.isRecording())
      span.setAttributes({
        [ATTRIBUTES.system]: SYSTEM,
        [ATTRIBUTES.operation]: doing,
        [ATTRIBUTES.operationType]: "process",
        [ATTRIBUTES.destination]: job.task,
        [ATTRIBUTES.messageId]: job.id,
        // what delivers an event has no payload of its own
        ...(job.payload !== "" && { [ATTRIBUTES.bodySize]: Buffer.byteLength(job.payload) }),
        [ATTRIBUTES.attempt]: job.attempts,
        [ATTRIBUTES.maxAttempts]: job.maxAttempts,
        [ATTRIBUTES.waitMs]: Math.max(0, now - job.dueAt),
        ...(job.ties?.groupId !== undefined && { [ATTRIBUTES.group]: job.ties.groupId }),
        ...(job.origin?.bulk !== undefined && { [ATTRIBUTES.bulk]: job.origin.bulk }),
      });
    return new AttemptSpan(span);
  }

  /** Runs the handler, whose own spans belong below this one. */
  within<Returned>(run: () => Returned): Returned {
    return context.with(this.#context, run);
  }

  /** A request that is made for it. */
  post(url: string): PostSpan | undefined {
    return PostSpan.begin(url, this.#context);
  }

  /** @param status what happened to the job; undefined when nothing could be recorded. */
  end(outcome: Outcome, status?: string, isRecorded = false): void {
    const span = this.#span;
    if (outcome.kind === "failed") {
      span.setAttribute(ATTRIBUTES.errorType, outcome.class ?? "error");
      span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error });
    }
    if (status !== undefined)
      span.addEvent(SETTLED, { [ATTRIBUTES.jobStatus]: status, [ATTRIBUTES.recorded]: isRecorded });
    span.end();
  }
}
