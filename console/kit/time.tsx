const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
];
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** How long ago, or until when; the moment itself is shown on hover. */
export function Time({ at, exact = false }: { readonly at: string; readonly exact?: boolean }) {
  const date = new Date(at);
  return (
    <time dateTime={at} title={`${absolute.format(date)} · ${at}`}>
      {exact ? absolute.format(date) : ago(date.getTime() - Date.now())}
    </time>
  );
}

/** `3 minutes ago`, `in 2 hours`. */
export function ago(ms: number): string {
  for (const [unit, length] of UNITS)
    if (Math.abs(ms) >= length) return relative.format(Math.trunc(ms / length), unit);
  return relative.format(0, "second");
}

/** `48 ms`, `1.2 s`. */
export function durationText(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
