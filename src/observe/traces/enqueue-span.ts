import { type Span, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { messageOf } from "../../core/errors.ts";
import type { Origin } from "../../core/origin.ts";
import { metaOf, traceOf } from "../../core/traces/trace-parent.ts";
import { ATTRIBUTES, SYSTEM } from "./names.ts";
import { contextOf, traceParentOf, tracerNow } from "./tracer.ts";

/** The part of a new job that is published. */
interface JobToTrace {
  readonly task: string;
  readonly payload: string;
  readonly origin?: Origin;
}

/** What a call comes to. Its only job has another id than was meant for it, if there was one with its key. */
interface Accepted {
  readonly replayed: boolean;
  readonly jobId?: string;
  readonly jobIds?: readonly string[];
}

/** `enqueue {task}`: one for each call that makes jobs, however many. They keep its place in the trace, and their attempts refer to it. */
export class EnqueueSpan {
  readonly #span: Span;
  readonly #meta: string | undefined;
  readonly #isOfOne: boolean;

  private constructor(span: Span, isOfOne: boolean) {
    this.#span = span;
    this.#isOfOne = isOfOne;
    const parent = traceParentOf(span.spanContext());
    this.#meta = parent && metaOf(parent);
  }

  /**
   * Undefined if the program does not trace, and for no jobs at all. @param bodyBytes the size of what they deliver, if they do not hold it
   * themselves.
   */
  static begin(asked: JobToTrace | readonly JobToTrace[], bodyBytes?: number): EnqueueSpan | undefined {
    const tracer = tracerNow();
    if (!tracer) return undefined;
    const jobs = [asked].flat(); // only now, so that one job costs no list in a program without tracing
    const [first] = jobs;
    if (!first) return undefined;
    const isOfOneTask = jobs.every(({ task }) => task === first.task);
    const name = isOfOneTask ? `enqueue ${first.task}` : "enqueue";
    const span = tracer.startSpan(name, { kind: SpanKind.PRODUCER }, contextOf(traceOf(first.origin)));
    if (span.isRecording())
      span.setAttributes({
        [ATTRIBUTES.system]: SYSTEM,
        [ATTRIBUTES.operation]: "enqueue",
        [ATTRIBUTES.operationType]: "send",
        ...(isOfOneTask && { [ATTRIBUTES.destination]: first.task }),
        ...(jobs.length > 1 && { [ATTRIBUTES.batchCount]: jobs.length }),
        [ATTRIBUTES.bodySize]:
          bodyBytes ?? jobs.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0),
      });
    return new EnqueueSpan(span, jobs.length === 1);
  }

  /** The job, with this place in the trace. */
  kept<Job extends JobToTrace>(job: Job): Job {
    return this.#meta === undefined ? job : { ...job, origin: { ...job.origin, meta: this.#meta } };
  }

  /** Ends with what happens to the call. */
  async of<Answer extends Accepted>(accepting: Promise<Answer>): Promise<Answer> {
    const span = this.#span;
    try {
      const answer = await accepting;
      span.setAttribute(ATTRIBUTES.replayed, answer.replayed);
      const { jobId = answer.jobIds?.[0] } = answer;
      if (this.#isOfOne && jobId !== undefined) span.setAttribute(ATTRIBUTES.messageId, jobId);
      return answer;
    } catch (error) {
      span.setAttribute(ATTRIBUTES.errorType, error instanceof Error ? error.name : "_OTHER");
      span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      throw error;
    } finally {
      span.end();
    }
  }
}
