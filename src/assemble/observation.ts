import { Doctor } from "../engine/doctor/doctor.ts";
import { FailureCount } from "../engine/failures/failure-count.ts";
import { census } from "../engine/fleet/liveness.ts";
import type { Part } from "../engine/part.ts";
import { withDefaults } from "../engine/retention/retention-periods.ts";
import { EndpointStatistics } from "../engine/statistics/endpoint-statistics.ts";
import { StatReports } from "../engine/statistics/report.ts";
import { Statistics } from "../engine/statistics/statistics.ts";
import { EndpointMeters } from "../observe/metrics/endpoint-meters.ts";
import { Meters } from "../observe/metrics/meters.ts";
import { MetricsText } from "../observe/metrics/metrics-text.ts";
import type { SecretBox } from "../secrets/secret-box.ts";
import { MOST_COUNTED } from "../store/facts.ts";
import { VERSION } from "../version.ts";
import { isLaneOfEndpoint, keyOfLane } from "../webhooks/registry/known-endpoint.ts";
import { masterKeyState } from "../webhooks/signing/master-key-state.ts";
import type { Parts } from "./parts.ts";

type ObservedParts = Pick<
  Parts,
  "store" | "clock" | "instrument" | "retention" | "worker" | "concurrency" | "metricsEndpoints"
>;

/** What counts, and what reports it. */
export interface Observation {
  readonly metrics: MetricsText;
  readonly reports: StatReports;
  readonly doctor: Doctor;
  /** What writes its counts into the database, to be started before there is anything to count. */
  readonly counting: readonly Part[];
  /** Stops counting for the metrics. */
  stop(): void;
}

export function observation(parts: ObservedParts, box: SecretBox, isDraining: () => boolean): Observation {
  const { store, clock, instrument, metricsEndpoints: most = 0 } = parts;
  const meters = new Meters(instrument, () => clock.now());
  const endpointKeyOf = (lane: string) => (isLaneOfEndpoint(lane) ? keyOfLane(lane) : undefined);
  const endpointMeters =
    most > 0
      ? new EndpointMeters({ instrument, most, endpointOf: (lane) => endpointKeyOf(lane)?.id })
      : undefined;
  const endpointsDue = async () =>
    (await store.inspection.oldestLanes(most)).map(({ lane, oldestAt }) => ({
      endpoint: keyOfLane(lane).id,
      oldestAt,
    }));
  const doctor = new Doctor({
    ...{ store, clock, instrument, retention: withDefaults(parts.retention) },
    masterKey: () => masterKeyState(store.secrets, () => box),
  });
  const metrics = new MetricsText({
    ...{ endpointMeters, endpointsDue: endpointMeters && endpointsDue },
    ...{ meters, clock, version: VERSION, store: store.isShared ? "postgres" : "sqlite" },
    slots: parts.worker ? parts.concurrency : 0,
    gauges: () => store.inspection.gauges(),
    workers: async () => ({ ...census(await store.workers.list(), clock.now(), store.isShared) }),
    endpoints: async () => ({ ...(await store.endpointHealth.census(MOST_COUNTED)) }),
    schedules: () => store.schedules.list(),
    ...{ isDraining, findings: () => doctor.last },
  });
  const statistics = new Statistics({ meters, shelf: store.stats, clock, instrument });
  const byEndpoint = new EndpointStatistics({
    ...{ shelf: store.endpointStats, clock, instrument, keyOf: endpointKeyOf },
  });
  const reports = new StatReports({
    ...{ statistics, shelf: store.stats, clock },
    ...{ gauges: () => store.inspection.gauges(), workers: () => store.workers.list() },
    isShared: store.isShared,
  });
  const failures = new FailureCount({
    ...{ shelf: store.failureGroups, hours: store.failureHours, clock, instrument },
  });
  return {
    ...{ metrics, reports, doctor },
    counting: [failures, statistics, byEndpoint],
    stop() {
      meters.stop();
      endpointMeters?.stop();
      metrics.stop();
    },
  };
}
