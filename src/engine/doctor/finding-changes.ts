import type { Finding } from "./finding.ts";

/** A finding that is not `ok`. */
export interface Complaint extends Finding {
  readonly level: "warn" | "bad";
}

export interface FindingChanges {
  /** Findings that are new, or whose level has changed. */
  readonly appeared: readonly Complaint[];
  /** Findings that are gone, as they were before. */
  readonly gone: readonly Complaint[];
  /** All current findings. */
  readonly known: readonly Complaint[];
}

/** Compares new findings with the known ones. While the database does not answer, the earlier findings still count. */
export function changesOf(before: readonly Complaint[], found: readonly Finding[]): FindingChanges {
  const complaints = found.filter(isComplaint);
  const isUnread = complaints.some(({ check }) => check === "database");
  const gone = isUnread ? [] : before.filter(({ check }) => !complaints.some((each) => each.check === check));
  const appeared = complaints.filter(
    ({ check, level }) => !before.some((each) => each.check === check && each.level === level),
  );
  const stay = isUnread ? before.filter(({ check }) => check !== "database") : [];
  return { appeared, gone, known: [...stay, ...complaints] };
}

function isComplaint(finding: Finding): finding is Complaint {
  return finding.level !== "ok";
}
