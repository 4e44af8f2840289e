import type { Finding } from "./finding.ts";

/** A finding that something is not well. */
export interface Complaint extends Finding {
  readonly level: "warn" | "bad";
}

export interface FindingChanges {
  /** Those that are new, or have reached another level. */
  readonly appeared: readonly Complaint[];
  /** As they were before they went. */
  readonly gone: readonly Complaint[];
  /** Those that are known now. */
  readonly known: readonly Complaint[];
}

/** What a look has changed in what is known to be not well. While the database does not answer, what it said before still counts. */
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
