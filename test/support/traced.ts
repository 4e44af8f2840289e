import { context, propagation, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";

/** A span as the tests look at it, and as it is told to another process. */
export interface ToldSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: unknown }[];
  readonly isError: boolean;
  readonly schemaUrl: string | undefined;
}

/** Traces of this process, kept in memory, until `stop`. */
export function tracing(): { spans(): ToldSpan[]; stop(): void } {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  provider.register();
  return {
    spans: () => exporter.getFinishedSpans().map(told),
    stop() {
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

function told(span: ReadableSpan): ToldSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    ...{ name: span.name, kind: span.kind, traceId, spanId, attributes: span.attributes },
    parentId: span.parentSpanContext?.spanId,
    links: span.links.map((link) => `${link.context.traceId}-${link.context.spanId}`),
    events: span.events.map(({ name, attributes }) => ({ name, attributes })),
    isError: span.status.code === 2,
    schemaUrl: span.instrumentationScope.schemaUrl,
  };
}
