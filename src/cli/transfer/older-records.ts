import type { RecordKind } from "../../store/transfer.ts";

type Fields = Readonly<Record<string, unknown>>;

const NO_ORIGIN = {
  tenant: null,
  event: null,
  bulk: null,
  trigger: null,
  scheduled_for: null,
  tags: null,
  meta: null,
};

/** A record of an earlier version of the format as today's has it; still to be checked. */
export function upToDate(kind: RecordKind, record: Fields, version: number): Fields {
  if (kind === "event") return { jobs: 0, ...record }; // it was not counted at first
  if (kind === "fanout") return { tags: null, ...record }; // its event's were looked up
  if (kind === "api_key") return { tenant: null, mode: null, ...record }; // none was bound at first
  return version < 2 && kind === "job" ? jobOfVersion1(record) : record;
}

/** Version 1 knew no answers but HTTP's. */
function jobOfVersion1({ http_status: code, response: excerpt, history, ...job }: Fields): Fields {
  const attempts = Array.isArray(history) ? history.map((attempt) => attemptOfVersion1(attempt)) : history;
  return { ...job, ...NO_ORIGIN, code, class: null, excerpt, history: attempts };
}

function attemptOfVersion1(attempt: unknown): unknown {
  if (typeof attempt !== "object" || attempt === null) return attempt;
  const { http_status: code, response: excerpt, ...same }: Fields = { ...attempt };
  return { ...same, code, class: null, excerpt, fingerprint: null, detail: null };
}
