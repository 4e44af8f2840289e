import { useRoute } from "preact-iso";
import type { FailureAnswer } from "../../../src/http/schemas/failure.ts";
import { useAsked } from "../live/asked.ts";
import { AuditOf } from "../parts/audit-of.tsx";
import { GroupActions, jobsAt, LastDay } from "../parts/failure-group.tsx";
import { Lane } from "../parts/lane.tsx";
import { Copy, Facts, Head, Loading, Mono, pageAt, Status, Time, Trouble } from "../parts/marks.tsx";

/** One group of failures, at an address that alerts and people can point to. */
export function FailurePage() {
  const { fingerprint = "" } = useRoute().params;
  const at = `/failures/${encodeURIComponent(fingerprint)}`;
  const { data: group, error, again } = useAsked<FailureAnswer>(at);
  return (
    <>
      <Head title="Failure" note={<Mono>{fingerprint}</Mono>}>
        {group && <GroupActions group={group} again={again} />}
      </Head>
      <Trouble error={error} />
      {!group && !error && <Loading />}
      {group && <OneGroup group={group} />}
    </>
  );
}

function OneGroup({ group }: { readonly group: FailureAnswer }) {
  const { task, lane, tenant, n, first_at, last_at, sample, sample_job, note } = group;
  return (
    <>
      <p class="line">
        <Status of={group.state} />
        <strong class="many">{n.toLocaleString("en")} ×</strong>
        <Copy text={location.href} label="Copy link" />
      </p>
      <LastDay group={group} />
      {group.rest && (
        <p>
          These were too many different errors to tell apart. Their jobs are found by task, lane and class,
          together with those of other groups.
        </p>
      )}
      <Facts
        of={[
          ["Task", task],
          ["Lane", <Lane of={lane} />],
          tenant && ["Tenant", <a href={pageAt("endpoints", tenant)}>{tenant}</a>],
          ["Class", group.class ?? "–"],
          ["First", <Time at={first_at} exact />],
          ["Last", <Time at={last_at} exact />],
          [
            "Jobs",
            <span class="line">
              <a href={jobsAt(group, "failed")}>failed permanently</a>
              <a href={jobsAt(group, "queued")}>waiting for another attempt</a>
              <a href={pageAt("jobs", sample_job)}>the last one</a>
            </span>,
          ],
          ["Note", note ?? "–"],
        ]}
      />
      <h2>The last error</h2>
      <pre class="error" dir="auto">
        {sample}
      </pre>
      <AuditOf target={group.fingerprint} tenant={tenant} />
    </>
  );
}
