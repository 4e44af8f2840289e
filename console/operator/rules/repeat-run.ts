import type { BulkAnswer } from "../../../src/http/schemas/bulk.ts";

/** What `POST /bulk` takes. */
export interface RunRequest {
  readonly action: BulkAnswer["action"];
  readonly filter: Readonly<Record<string, unknown>>;
  readonly what?: "failed" | "missing" | "all";
}

/** What a run's filter holds, of which a request says something else or nothing. */
interface Pinned extends Readonly<Record<string, unknown>> {
  readonly statuses?: readonly string[];
  readonly tasks?: readonly string[];
  readonly lane?: string;
  readonly endpoint?: string;
  readonly what?: "failed" | "missing" | "all";
  readonly types?: readonly string[];
  readonly classes?: readonly string[];
}

const DELIVER = "webhook.deliver";
/** Where it was pinned, and whose it is. */
const OWN = new Set(["up_to", "mode"]);

/**
 * A run as it can be asked for once more.
 * @param until `now`: with what has come since; `then`: with nothing that the run is not about.
 */
export function requestOf(run: BulkAnswer, until: "now" | "then"): RunRequest {
  const { statuses, tasks, types, classes, ...others } = run.filter as Pinned; // as the server pins it
  const { lane, endpoint, what = "failed", ...filter } = others;
  const pinnedAt = Date.parse(run.created_at);
  const conditions = Object.fromEntries(
    Object.entries(filter).filter(([name, value]) => {
      const isPin = name.endsWith("_before") && Date.parse(String(value)) >= pinnedAt;
      return !OWN.has(name) && value !== undefined && (until === "then" || !isPin);
    }),
  );
  if (run.action === "replay") {
    const { finished_before: _, ...chosen } = conditions;
    const more = {
      ...(types && { type: types }),
      ...(classes && { class: classes }),
      ...(statuses && what !== "failed" && { status: statuses }),
    };
    return {
      action: "replay",
      what,
      filter: { ...chosen, ...more, endpoint: endpoint ?? lane?.split("/")[1] },
    };
  }
  const [task] = tasks ?? [];
  return {
    action: run.action,
    filter: {
      ...conditions,
      ...(statuses && { status: statuses }),
      ...(task !== undefined && task !== DELIVER && { task }),
      ...(lane !== undefined && { lane }),
    },
  };
}
