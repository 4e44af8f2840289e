const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** A cron expression as people say it, for those that are common; undefined for others, which are clearer as they are written. */
export function cronWords(cron: string): string | undefined {
  const [minute = "", hour = "", day, month, weekday, ...more] = cron.trim().split(/\s+/);
  if (more.length > 0 || month !== "*" || day === undefined || weekday === undefined) return undefined;
  const isEveryDay = day === "*" && weekday === "*";
  const step = (field: string) => /^\*\/(\d+)$/.exec(field)?.[1];
  if (isEveryDay && hour === "*") {
    if (minute === "*") return "every minute";
    if (step(minute)) return `every ${step(minute)} minutes`;
    return isNumber(minute) ? `every hour at :${minute.padStart(2, "0")}` : undefined;
  }
  if (!isNumber(minute)) return undefined;
  if (isEveryDay && step(hour)) return `every ${step(hour)} hours at :${minute.padStart(2, "0")}`;
  if (!isNumber(hour)) return undefined;
  const when = daysOf(day, weekday);
  return when && `${when} at ${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
}

function daysOf(day: string, weekday: string): string | undefined {
  if (day === "*" && weekday === "*") return "every day";
  if (day === "*" && weekday === "1-5") return "on weekdays";
  if (day === "*" && isNumber(weekday)) return DAYS[Number(weekday)] && `every ${DAYS[Number(weekday)]}`;
  return weekday === "*" && isNumber(day) ? `on day ${day} of the month` : undefined;
}

function isNumber(field: string): boolean {
  return /^\d{1,2}$/.test(field);
}
