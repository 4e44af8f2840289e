const SPANS = ["1m", "1h", "24h", "30d"] as const;
export type Span = (typeof SPANS)[number];

interface Asked {
  readonly span?: string | undefined;
  readonly task?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** The spans of time, with why one cannot be shown: seconds are not kept by task, and nothing but hours by endpoint. */
export function spansOf({ task, endpoint }: Asked): readonly (readonly [span: Span, hindrance?: string])[] {
  return SPANS.map((span) => {
    if (endpoint && (span === "1m" || span === "1h")) return [span, "endpoints are counted by the hour"];
    if (task && span === "1m") return [span, "tasks are counted by the minute"];
    return [span];
  });
}

/** The span that was asked for, if it can be shown; otherwise an hour, or the shortest there is. */
export function spanOf(asked: Asked): Span {
  const possible = spansOf(asked).flatMap(([span, hindrance]) => (hindrance ? [] : [span]));
  return possible.find((span) => span === asked.span) ?? (possible.includes("1h") ? "1h" : "24h");
}
