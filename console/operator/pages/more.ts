/** The pages that people rarely begin with: one part, which is loaded when the first of them is shown. */
export { Audit } from "./audit.tsx";
export { BulkRunPage } from "./bulk-run.tsx";
export { BulkRuns } from "./bulk-runs.tsx";
export { EndpointPage } from "./endpoint.tsx";
export { Endpoints, Tenants } from "./endpoints.tsx";
export { EventPage } from "./event.tsx";
export { Events } from "./events.tsx";
export { FailurePage } from "./failure.tsx";
export { Health } from "./health.tsx";
export { KeysPage } from "./keys.tsx";
export { Schedules } from "./schedules.tsx";
export { Settings } from "./settings.tsx";
export { TryIt } from "./try-it.tsx";
export { Workers } from "./workers.tsx";
