import { deliveriesOf, type LoadResult, type Result } from "./result.ts";

type Row = Readonly<Record<string, string>>;

/** The figures of one scenario, a line for each system and round. */
export function tableOf(results: readonly Result[]): string {
  const rows = results.map(rowOf);
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) =>
    rows.some((row) => row[column]),
  );
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ""))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const laidOut = lines.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join("  "),
  );
  const refused = results.flatMap(({ title, load }) =>
    Object.entries(load?.report.refused ?? {}).map(
      ([reason, count]) => `${title}: ${count} refused: ${reason}`,
    ),
  );
  const long = results.flatMap(({ title, load }) => {
    const minutes = load?.report.deliveryMsEachMinute ?? [];
    const p50s = minutes.map(({ p50 }) => shown(p50, 1)).join(", ");
    return minutes.length > 1 ? [`${title}: delivery ms p50 of each minute: ${p50s}`] : [];
  });
  const voids = results.filter((result) => result.void !== undefined);
  return [
    ...laidOut,
    ...refused,
    ...long,
    ...voids.map(({ title, void: reason }) => `VOID: ${title}: ${shortened(reason ?? "")}`),
  ].join("\n");
}

function rowOf(result: Result): Row {
  const head = { system: result.void === undefined ? result.title : `VOID ${result.title}` };
  if (result.task) {
    const { enqueued, ran, repeated, enqueueSeconds, totalSeconds } = result.task;
    return {
      ...head,
      "enqueued/s": shown(enqueued / enqueueSeconds),
      "ran/s": shown(ran / totalSeconds),
      repeated: shown(repeated),
    };
  }
  if (result.idle) {
    const { cores, writtenBytes, statements, productPeakMebibytes } = result.idle;
    return {
      ...head,
      "% of a core": shown(cores * 100, 2),
      "bytes written": shown(writtenBytes),
      statements: shown(statements),
      "peak MiB": shown(productPeakMebibytes),
    };
  }
  return result.load ? { ...head, ...loadRow(result.load) } : head;
}

function loadRow(load: LoadResult): Row {
  const { report, used } = load;
  const each = (amount: number, digits = 0) => shown(amount / deliveriesOf(load), digits);
  const withDatabase = (product: string, database: number, unit: (amount: number) => string) =>
    database > 0 ? `${product} + ${unit(database)}` : product;
  return {
    "accepted/s": shown(report.acceptedPerSecond),
    "delivered/s": shown(report.deliveredPerSecond),
    "accept ms p50": shown(report.acceptMs.p50, 1),
    "p99 ": shown(report.acceptMs.p99, 1),
    "delivery ms p50": shown(report.deliveryMs.p50, 1),
    p99: shown(report.deliveryMs.p99, 1),
    "CPU µs (+ database)": withDatabase(
      each(used.productCpuSeconds * 1e6),
      used.databaseCpuSeconds * 1e6,
      each,
    ),
    "of it the server's": each(used.serverCpuSeconds * 1e6),
    "peak MiB (+ database)": withDatabase(
      shown(used.productPeakMebibytes),
      used.databasePeakMebibytes,
      shown,
    ),
    statements: each(used.statements, 2),
    "log bytes": each(used.logBytes),
    "bytes written": each(used.writtenBytes),
    refused: unlessNone(report.requests - report.accepted),
    repeated: unlessNone(report.duplicates),
    unfinished: unlessNone(load.unfinished ?? 0),
    "dead rows": unlessNone(load.mostDeadRows ?? 0),
  };
}

function shown(number: number, digits = 0): string {
  return Number.isFinite(number) ? number.toFixed(digits) : "";
}

function unlessNone(count: number): string {
  return count === 0 ? "" : String(count);
}

/** A process that did not start may have printed a page. */
function shortened(reason: string): string {
  const line = reason.replaceAll(/\s+/g, " ");
  return line.length > 400 ? `${line.slice(0, 100)} … ${line.slice(-300)}` : line;
}
