/** Short and readable: `38 ms`, `4.6 s`, `12 min`, `3 h 5 min`, `2 d`. */
export function span(ms: number): string {
  const positive = Math.max(0, ms);
  if (positive < 1_000) return `${Math.round(positive)} ms`;
  const seconds = positive / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d`;
}

/** From now: `in 4.6 s`, `3 min ago`, `now`. */
export function relative(at: number, now: number): string {
  const away = at - now;
  if (Math.abs(away) < 1_000) return "now";
  const whole = Math.abs(away) < 10_000 ? Math.floor(Math.abs(away) / 1_000) * 1_000 : Math.abs(away);
  const text = span(whole).replace(".0 s", " s");
  return away > 0 ? `in ${text}` : `${text} ago`;
}

/** `28 Nov 14:02:07`, in a zone that Intl knows. */
export function absolute(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  })
    .format(at)
    .replace(",", "");
}

/** Only the time of day: `14:02:07`. */
export function clockTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeStyle: "medium" }).format(at);
}

const UNIT_NAMES: Readonly<Record<string, string>> = { d: "day", h: "hour", m: "minute", s: "second" };

/** A duration as the API gives it: `400d` is `400 days`. */
export function inWords(duration: string): string {
  const parts = [...duration.matchAll(/(\d+)([dhms])/g)];
  return parts.map(([, n, unit = ""]) => `${n} ${UNIT_NAMES[unit]}${n === "1" ? "" : "s"}`).join(" ");
}

/** As `<input type="datetime-local">` holds a moment: `2026-11-28T14:02`. Empty if it is not a moment. */
export function atInput(at: number, isUtc: boolean): string {
  if (Number.isNaN(at)) return "";
  const shift = isUtc ? 0 : new Date(at).getTimezoneOffset() * 60_000;
  return new Date(at - shift).toISOString().slice(0, 16);
}

/** What such an input holds, as RFC 3339; empty when it is empty. */
export function ofInput(text: string, isUtc: boolean): string {
  return text === "" ? "" : new Date(isUtc ? `${text}Z` : text).toISOString();
}
