import { useState } from "preact/hooks";

/** The rows on screen change in place; new ones wait until they are asked for, so that nothing moves under the pointer. */
export function useSteady<Page extends { readonly data: readonly unknown[] }>(
  data: Page | undefined,
  path: string,
  /** Later rows have later ones. */
  idOf: (row: Page["data"][number]) => string,
) {
  const [kept, keep] = useState<{ readonly path: string; readonly newest: string }>();
  const [first] = data?.data ?? [];
  const newest = first === undefined ? "" : idOf(first);
  if (data && kept?.path !== path) keep({ path, newest });
  const bound = kept?.path === path ? kept.newest : newest;
  const isNew = (row: Page["data"][number]) => bound !== "" && idOf(row) > bound;
  const waiting = data?.data.filter(isNew).length ?? 0;
  const isAllNew = data !== undefined && waiting === data.data.length;
  const shown = data && !isAllNew ? { ...data, data: data.data.filter((row) => !isNew(row)) } : data;
  return { shown, waiting: isAllNew ? 0 : waiting, show: () => keep({ path, newest }) };
}
