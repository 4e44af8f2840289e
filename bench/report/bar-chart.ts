export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly color: string;
}

export interface BarChart {
  readonly title: string;
  /** What the figures were measured on. */
  readonly note: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
  /** For figures that span several powers of ten. */
  readonly logarithmic?: boolean;
}

const WIDTH = 760;
const LABELS = 240;
const VALUES = 90;
const TOP = 40;
const ROW = 26;
const BAR = 18;

/** Horizontal bars with their values next to them, as SVG that needs nothing else. */
export function drawBars({ title, note, unit, bars, logarithmic = false }: BarChart): string {
  const most = Math.max(...bars.map(({ value }) => value));
  const least = Math.min(...bars.map(({ value }) => value));
  const room = WIDTH - LABELS - VALUES;
  const length = (value: number) =>
    logarithmic
      ? (room * (1 + Math.log10(value / least))) / (1 + Math.log10(most / least))
      : (room * value) / most;
  const height = TOP + bars.length * ROW + 30;
  const rows = bars.map(({ label, value, color }, at) => {
    const y = TOP + at * ROW;
    const width = Math.max(1, length(value));
    return [
      `<text x="${LABELS - 8}" y="${y + 13}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="2" fill="${color}"/>`,
      `<text x="${(LABELS + width + 6).toFixed(1)}" y="${y + 13}">${readable(value)} ${escaped(unit)}</text>`,
    ].join("");
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="8" y="22" font-size="15" font-weight="600">${escaped(title)}${logarithmic ? " (logarithmic)" : ""}</text>`,
    ...rows,
    `<text x="8" y="${height - 8}" font-size="10" fill="#666">${escaped(note)}</text>`,
    "</svg>",
  ].join("\n");
}

function readable(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString("en").replaceAll(",", " ");
  return value >= 100 ? value.toFixed(0) : value.toPrecision(2);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
