import { useState } from "preact/hooks";
import type { z } from "zod";
import type { workerPage } from "../../../src/http/schemas/fleet.ts";
import type { TaskJobPage } from "../../../src/http/schemas/task-job.ts";
import { later } from "../../kit/later.tsx";
import { useAsked } from "../live/asked.ts";
import { offers, session } from "../live/server.ts";
import { MostFailing, WaitingLongest } from "../parts/endpoints/worst-endpoints.tsx";
import { useHealth } from "../parts/health.ts";
import { JobRows } from "../parts/jobs/job-rows.tsx";
import { Empty, Head, Loading, pageAt, Status, Trouble } from "../parts/marks.tsx";
import { Numbers } from "../parts/numbers.tsx";
import { search, useQuery } from "../parts/query.ts";
import { StorageLine } from "../parts/storage-line.tsx";
import { WorstFailures } from "../parts/worst-failures.tsx";

const FEW = "8";
/** The task of all deliveries to endpoints. */
const DELIVER = "webhook.deliver";
const TryCard = later(() => import("../parts/try-card.tsx").then((part) => part.TryCard), Loading);

/** What happens now: whether it is well, what runs, what failed, what came. */
export function Now() {
  const { task, tenant, endpoint } = useQuery().query;
  const only = { task, tenant, endpoint };
  const isFiltered = Object.values(only).some((value) => value !== undefined);
  const hasEndpoints = !endpoint && (!task || task === DELIVER);
  const newest = useAsked<TaskJobPage>(`/jobs${search({ ...only, limit: FEW })}`);
  const failed = useAsked<TaskJobPage>(`/jobs${search({ ...only, status: "failed", limit: FEW })}`);
  const workers = useAsked<z.infer<typeof workerPage>>(offers("GET /workers") ? "/workers" : null);
  const isEmpty = newest.data?.data.length === 0 && !isFiltered;
  // the first job would otherwise replace the form that it was sent with
  const [began, setBegan] = useState(false);
  if (isEmpty && !began) setBegan(true);
  return (
    <>
      <Head
        title="Now"
        note={<Health workers={workers.data} hasFailed={(failed.data?.data.length ?? 0) > 0} />}
      />
      <Trouble error={newest.error} />
      {session.value?.inbox && began && <TryCard />}
      {offers("GET /stats") && <Numbers />}
      {isEmpty && !session.value?.inbox && (
        <Empty title="Nothing has arrived yet">
          <p>Jobs and deliveries appear here as soon as the first one is accepted.</p>
        </Empty>
      )}
      <StorageLine />
      {offers("GET /failures") && (
        <WorstFailures task={task} lane={tenant && endpoint && `${tenant}/${endpoint}`} />
      )}
      {offers("GET /backlogs") && hasEndpoints && <WaitingLongest />}
      {offers("GET /failing-endpoints") && hasEndpoints && <MostFailing />}
      {failed.data && failed.data.data.length > 0 && (
        <section>
          <h2>
            Recent failures <a href={`${pageAt("jobs")}${search({ ...only, status: "failed" })}`}>all</a>
          </h2>
          <JobRows jobs={failed.data.data} caption="Jobs that failed, newest first" />
        </section>
      )}
      {isFiltered && newest.data?.data.length === 0 && <Empty title="No job matches" />}
      {newest.data && newest.data.data.length > 0 && (
        <section>
          <h2>
            Newest <a href={`${pageAt("jobs")}${search(only)}`}>all</a>
          </h2>
          <JobRows jobs={newest.data.data} caption="The newest jobs" />
        </section>
      )}
    </>
  );
}

/** The worst of what the server's checks found; for those who may not see them, whether any worker is alive. */
function Health({
  workers,
  hasFailed,
}: {
  readonly workers: z.infer<typeof workerPage> | undefined;
  readonly hasFailed: boolean;
}) {
  const { data: found } = useHealth();
  const worst = found?.findings.find(({ level }) => level !== "ok" && level === found.worst);
  if (worst)
    return (
      <a href={pageAt("health")} class="worst">
        <Status of={worst.level} /> {worst.title}: {worst.detail}
      </a>
    );
  if (!workers) return hasFailed ? "Some jobs failed permanently." : null;
  const stopping = workers.data.filter(({ draining }) => draining).length;
  const length = workers.data.length - stopping;
  const slots = workers.data.reduce(
    (sum, { draining, concurrency }) => sum + (draining ? 0 : concurrency),
    0,
  );
  if (length === 0 && stopping > 0)
    return <span class="warn">The living workers are stopping: they start no more jobs.</span>;
  if (length === 0) return <span class="warn">No worker is alive: jobs are accepted, but none runs.</span>;
  return `${length} worker${length === 1 ? "" : "s"} with ${slots} slots${stopping > 0 ? `, and ${stopping} stopping` : ""}${hasFailed ? "; some jobs failed permanently" : ", and nothing that failed permanently"}.`;
}
