const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/** Short and readable: `812 B`, `9.1 GiB`. */
export function size(bytes: number): string {
  const at = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const value = bytes / 2 ** (10 * at);
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[at]}`;
}
