/** What a list of jobs can show, in this order. */
export const JOB_COLUMNS = {
  status: "Status",
  job: "Job",
  tenant: "Tenant",
  goes: "Goes to",
  tags: "Tags",
  key: "Key",
  attempts: "Attempts",
  duration: "Took",
  accepted: "Accepted",
  ended: "Ended",
  next: "Next, or why it ended",
} as const;

export type JobColumn = keyof typeof JOB_COLUMNS;

const ALL = Object.keys(JOB_COLUMNS) as readonly JobColumn[]; // it has no others
export const USUAL: readonly JobColumn[] = ["status", "job", "goes", "attempts", "accepted", "next"];

/** @param kept as `keptColumns` gave it. */
export function columnsIn(kept: string): readonly JobColumn[] {
  const names = kept.split(",");
  const shown = ALL.filter((name) => name === "job" || names.includes(name));
  return kept === "" ? USUAL : shown;
}

/** The columns with one more or less, as a browser keeps them; empty for those that everybody sees at first. */
export function keptColumns(shown: readonly JobColumn[], name: JobColumn, isShown: boolean): string {
  const next = ALL.filter((each) => (each === name ? isShown : shown.includes(each)));
  return next.join() === USUAL.join() ? "" : next.join();
}
