import { useState } from "preact/hooks";
import type { FindingsAnswer, PruneAnswer } from "../../../src/http/schemas/findings.ts";
import { offers, tell } from "../live/server.ts";
import { AskFirst } from "../parts/ask-first.tsx";
import { DownloadBackup } from "../parts/download-backup.tsx";
import { useHealth } from "../parts/health.ts";
import { Facts, Head, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";
import { size } from "../rules/sizes.ts";
import { inWords } from "../rules/times.ts";

const LEVELS = ["bad", "warn", "ok"] as const;
const TOLD = {
  ok: "All is well.",
  warn: "Something here may become a problem.",
  bad: "Something here needs attention now.",
} as const;
/** Where what a check looks at can be seen. */
const PAGES: Readonly<Record<string, string>> = {
  workers: "workers",
  slots: "workers",
  no_worker: "workers",
  schedules_late: "schedules",
};

/** What the checks of `posthorn doctor` found, and what to do about it. */
export function Health() {
  const { data, error, again } = useHealth();
  return (
    <>
      <Head
        title="Health"
        note={
          data && (
            <>
              Checked <Time at={data.checked_at} />, and once a minute.
            </>
          )
        }
      >
        {data && offers("GET /backup") && <DownloadBackup found={data} />}
        {data && <PruneNow done={again} />}
      </Head>
      <Trouble error={error} />
      {data && (
        <>
          <p class={`headline headline-${data.worst}`} aria-live="polite">
            <Status of={data.worst} />
            <span>{TOLD[data.worst]}</span>
          </p>
          <ul class="findings card">
            {LEVELS.flatMap((level) => data.findings.filter((finding) => finding.level === level)).map(
              (finding) => (
                <Finding key={finding.check} finding={finding} />
              ),
            )}
          </ul>
          <div class="two after">
            <Storage found={data} />
            <section>
              <h2>Kept for</h2>
              <Facts
                of={[
                  ["Succeeded jobs", kept(data.retention.succeeded, data.retention.succeeded_bytes)],
                  ["Failed jobs", kept(data.retention.failed, data.retention.failed_bytes)],
                  ["Other jobs", inWords(data.retention.jobs)],
                  ["The audit", inWords(data.retention.audit)],
                  data.retention.most_bytes !== null && [
                    "All of the file",
                    `at most ${size(data.retention.most_bytes)}`,
                  ],
                ]}
              />
            </section>
          </div>
        </>
      )}
    </>
  );
}

/** Deletes what is past its retention, and says how much that was. */
function PruneNow({ done }: { readonly done: () => void }) {
  const [reason, setReason] = useState("");
  const [answer, setAnswer] = useState<PruneAnswer>();
  return (
    <AskFirst
      label="Prune now"
      takes="admin"
      title="Prune now?"
      after={answer ? <Pruned answer={answer} /> : null}
      opened={() => setAnswer(undefined)}
      act={async () => {
        setAnswer(await tell<PruneAnswer>("/doctor/prune", reason ? { reason } : {}));
      }}
      done={done}
    >
      <p>What is past its retention is deleted now instead of within a minute. Nothing else is touched.</p>
      <label>
        Reason, for the record
        <input value={reason} maxLength={1_000} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </AskFirst>
  );
}

function Pruned({ answer: { pruned, complete } }: { readonly answer: PruneAnswer }) {
  const told = Object.entries(pruned).map(
    ([what, n]) => `${n.toLocaleString("en")} ${what.replaceAll("_", " ")}`,
  );
  return (
    <>
      <p>{told.length === 0 ? "Nothing was past its retention." : `Deleted: ${told.join(", ")}.`}</p>
      {!complete && <p>There is more; the rest is being deleted.</p>}
    </>
  );
}

/** How long, and how much of it at most. */
function kept(period: string, bytes: number | null): string {
  return `${inWords(period)}${bytes === null ? "" : `, at most ${size(bytes)}`}`;
}

function Finding({ finding }: { readonly finding: FindingsAnswer["findings"][number] }) {
  const { check, level, title, detail, todo } = finding;
  const page = PAGES[check];
  return (
    <li>
      <Status of={level} />
      <div>
        <strong>{page ? <a href={pageAt(page)}>{title}</a> : title}</strong> <span>{detail}</span>
        {todo && <p class="faint">{todo}</p>}
      </div>
    </li>
  );
}

function Bar({ share }: { readonly share: number }) {
  return (
    <svg class="bar" width="100%" height="6" aria-hidden="true">
      <rect class="whole" width="100%" height="6" rx="3" />
      <rect width={`${Math.min(1, share) * 100}%`} height="6" rx="3" />
    </svg>
  );
}

function Storage({ found: { storage, free_disk_bytes, full_at } }: { readonly found: FindingsAnswer }) {
  const largest = Math.max(1, ...storage.map(({ bytes }) => bytes));
  return (
    <section>
      <h2>Storage</h2>
      <table class="rows sizes">
        <caption class="unseen">Storage by part</caption>
        <thead class="unseen">
          <tr>
            <th scope="col">Part</th>
            <th scope="col">Share</th>
            <th scope="col">Size</th>
            <th scope="col">Growth per day</th>
          </tr>
        </thead>
        <tbody>
          {[...storage]
            .sort((a, b) => b.bytes - a.bytes)
            .map(({ part, bytes, bytes_a_day }) => (
              <tr key={part}>
                <td>{part}</td>
                <td>
                  <Bar share={bytes / largest} />
                </td>
                <td class="number">{size(bytes)}</td>
                <td class="number faint">
                  {bytes_a_day !== null && bytes_a_day > 0 && `+${size(bytes_a_day)} a day`}
                </td>
              </tr>
            ))}
        </tbody>
      </table>
      {free_disk_bytes !== null && (
        <p class="faint">
          {size(free_disk_bytes)} are free on its disk
          {full_at !== null && (
            <>
              ; as it grows, there is room until <Time at={full_at} exact />
            </>
          )}
          .
        </p>
      )}
    </section>
  );
}
