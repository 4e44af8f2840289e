/** The pages that people rarely begin with: one part, which is loaded when the first of them is shown. */
export { Audit } from "./audit.tsx";
export { BulkRunPage } from "./bulk-run.tsx";
export { BulkRuns } from "./bulk-runs.tsx";
export { EndpointPage } from "./endpoint.tsx";
export { Endpoints, Tenants } from "./endpoints.tsx";
export { EventPage, Events } from "./events.tsx";
export { Schedules, Workers } from "./fleet.tsx";
export { Health } from "./health.tsx";
export { KeysPage } from "./keys.tsx";
export { Settings } from "./settings.tsx";
export { TryIt } from "./try-it.tsx";
