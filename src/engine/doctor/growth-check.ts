import { DAY_MS } from "../../core/duration.ts";
import { bytes, checkOf, levelOf, span } from "./finding.ts";
import { fullAt, totalOf } from "./growth.ts";

export const growth = checkOf("growth", "Growth", ({ facts, now, growth: parts, retention }) => {
  if (!parts) return { level: "ok", detail: "unknown until a server or worker has run for six hours" };
  const aDay = totalOf(parts);
  if (aDay <= 0) return { level: "ok", detail: "the database has not grown lately" };
  const [largest] = [...parts].sort(([, a], [, b]) => b - a);
  const where = facts.kind === "postgres" && largest ? `, most of it in posthorn.${largest[0]}` : "";
  const grows = `${bytes(aDay)} a day${where}`;
  const full = fullAt(now, facts, parts, retention);
  if (full === null) return { level: "ok", detail: grows };
  const left = full - now;
  const level = levelOf(-left, -7 * DAY_MS, -DAY_MS);
  const detail = `${grows}: there is room for ${span(left)}`;
  if (level === "ok") return { level, detail };
  const todo =
    "keep less (--retain-jobs, --retain-size), or give it more room (a larger disk, --max-database-size)";
  return { level, detail, todo };
});
