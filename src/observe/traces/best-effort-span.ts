import { context, type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { messageOf } from "../../core/errors.ts";
import { ATTRIBUTES, SYSTEM } from "./names.ts";
import { tracerNow } from "./tracer.ts";

/** `run {task}` of a best-effort task: it follows its request within moments, so it is part of the trace that the request is in. */
export class BestEffortSpan {
  readonly #span: Span;

  private constructor(span: Span) {
    this.#span = span;
  }

  /** Undefined if the program does not trace. */
  static begin(task: string): BestEffortSpan | undefined {
    const tracer = tracerNow();
    if (!tracer) return undefined;
    const attributes = {
      [ATTRIBUTES.system]: SYSTEM,
      [ATTRIBUTES.operation]: "run",
      [ATTRIBUTES.operationType]: "process",
      [ATTRIBUTES.destination]: task,
      [ATTRIBUTES.bestEffort]: true,
    };
    return new BestEffortSpan(tracer.startSpan(`run ${task}`, { kind: SpanKind.INTERNAL, attributes }));
  }

  /** Runs the handler, whose own spans belong below this one. */
  within<Returned>(run: () => Returned): Returned {
    return context.with(trace.setSpan(context.active(), this.#span), run);
  }

  /** @param error undefined where it succeeded. */
  end(error: unknown): void {
    if (error !== undefined) {
      this.#span.setAttribute(ATTRIBUTES.errorType, error instanceof Error ? error.name : "_OTHER");
      this.#span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    }
    this.#span.end();
  }
}
