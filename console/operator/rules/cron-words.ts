const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = [
  ...["", "January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];
const NICKNAMES: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};
/** More times of day than this are clearer as they are written. */
const MOST_TIMES = 4;

/** A cron expression as people say it, for those that can be said; undefined for others, which are clearer as they are written. */
export function cronWords(cron: string): string | undefined {
  const given = (NICKNAMES[cron.trim().toLowerCase()] ?? cron).trim().split(/\s+/);
  if (given.length < 5 || given.length > 6) return undefined;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = given.slice(-5);
  const seconds = given.length === 6 ? given[0] : "0";
  const isAlways = [minute, hour, day, month, weekday].every((field) => field === "*");
  if (seconds !== "0") return isAlways && seconds ? every(seconds, "second") : undefined;
  const times = timesOf(minute, hour);
  const days = daysOf(day, month, weekday);
  if (times === undefined || days === undefined) return undefined;
  if (times.startsWith("at")) return `${days || "every day"} ${times}`;
  return days === "" ? times : `${times}, ${days}`;
}

/** @param unit of a field that stands for all of its values, or for each so many of them. */
function every(field: string, unit: string): string | undefined {
  if (field === "*") return `every ${unit}`;
  const [, step] = /^\*\/(\d+)$/.exec(field) ?? [];
  return step && `every ${step} ${unit}s`;
}

function timesOf(minute: string, hour: string): string | undefined {
  const often = every(minute, "minute");
  const [range] = rangesIn(hour, []);
  if (often) {
    if (hour === "*") return often;
    return range && !hour.includes(",")
      ? `${often} from ${clock(range[0], 0)} to ${clock(range[1], 59)}`
      : undefined;
  }
  if (!/^\d{1,2}$/.test(minute)) return undefined;
  const at = Number(minute);
  if (hour === "*") return `every hour at :${two(at)}`;
  const hours = every(hour, "hour");
  if (hours) return `${hours} at :${two(at)}`;
  if (hour.includes("-"))
    return range && !hour.includes(",")
      ? `every hour from ${clock(range[0], at)} to ${clock(range[1], at)}`
      : undefined;
  const each = rangesIn(hour, []).map(([from]) => clock(from, at));
  return each.length === 0 || each.length > MOST_TIMES ? undefined : `at ${listed(each)}`;
}

/** Empty for every day. */
function daysOf(day: string, month: string, weekday: string): string | undefined {
  const months = month === "*" ? [] : rangesIn(month, MONTHS);
  if (month !== "*" && months.length === 0) return undefined;
  const named = months.map(([from, to]) => spanned(MONTHS[from], MONTHS[to]));
  const inMonths = named.length === 0 ? "" : ` in ${listed(named)}`;
  if (weekday !== "*") {
    const said = day === "*" ? weekdaysOf(weekday) : undefined; // with a day of the month as well, it is on either
    return said && said + inMonths;
  }
  if (day === "*") return inMonths && `every day${inMonths}`;
  if (day.toUpperCase() === "L") return `on the last day of ${inMonths ? inMonths.slice(4) : "the month"}`;
  const days = rangesIn(day, []);
  if (days.length === 0) return undefined;
  const each = listed(days.map(([from, to]) => spanned(String(from), String(to))));
  const [one] = months;
  if (one && months.length === 1 && one[0] === one[1]) return `on ${each} ${MONTHS[one[0]]}`;
  const isOne = days.length === 1 && days[0]?.[0] === days[0]?.[1];
  return `on day${isOne ? "" : "s"} ${each} of ${inMonths ? inMonths.slice(4) : "the month"}`;
}

function weekdaysOf(weekday: string): string | undefined {
  const ranges = rangesIn(weekday, DAYS);
  if (ranges.length === 0 || ranges.some(([, to]) => DAYS[to] === undefined)) return undefined;
  const all = ranges.map(([from, to]) => `${from % 7}-${to}`).join();
  if (all === "1-5") return "on weekdays";
  if (["6-7", "6-6,0-0", "0-0,6-6", "6-6,0-7"].includes(all)) return "on weekends";
  const [one] = ranges;
  if (one && ranges.length === 1 && one[0] === one[1]) return `every ${DAYS[one[0]]}`;
  return `on ${listed(ranges.map(([from, to]) => spanned(`${DAYS[from]}s`, `${DAYS[to]}s`)))}`;
}

/** The values of a field that is a list of numbers or names, and of ranges of them; none if it is anything else. */
function rangesIn(field: string, names: readonly string[]): [from: number, to: number][] {
  const readValue = (text: string): number => {
    if (/^\d{1,2}$/.test(text)) return Number(text);
    const isNamed = text.length === 3;
    return isNamed ? names.findIndex((name) => name.slice(0, 3).toLowerCase() === text.toLowerCase()) : -1;
  };
  const ranges = field.split(",").map((part): [number, number] => {
    const [from = "", to = from, ...more] = part.split("-");
    return more.length > 0 ? [-1, -1] : [readValue(from), readValue(to)];
  });
  return ranges.some(([from, to]) => from < 0 || to < from) ? [] : ranges;
}

function spanned(from = "", to = ""): string {
  return from === to ? from : `${from} to ${to}`;
}

function listed(all: readonly string[]): string {
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

function clock(hour: number, minute: number): string {
  return `${two(hour)}:${two(minute)}`;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
