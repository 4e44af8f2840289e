/** How many values one statement looks up. It is prepared once: the values that are missing are null, which nothing equals. */
export const PLACE_COUNT = 32;

/** What stands in brackets behind `in`. */
export const PLACES = Array.from({ length: PLACE_COUNT }, () => "?").join(", ");

/** Those that are wanted, as many at a time as there are places. */
export function inPlaces<Wanted>(wanted: readonly Wanted[]): (Wanted | null)[][] {
  const lots: (Wanted | null)[][] = [];
  for (let from = 0; from < wanted.length; from += PLACE_COUNT) {
    lots.push(Array.from({ length: PLACE_COUNT }, (_, at) => wanted[from + at] ?? null));
  }
  return lots;
}
