import { useSignalEffect } from "@preact/signals";
import { render } from "preact";
import { useState } from "preact/hooks";
import { LocationProvider, Route, Router } from "preact-iso";
import { beginLive } from "./live/beat.ts";
import { askSession, base, session } from "./live/server.ts";
import { Audit } from "./pages/audit.tsx";
import { BulkRunPage } from "./pages/bulk-run.tsx";
import { BulkRuns } from "./pages/bulk-runs.tsx";
import { EndpointPage } from "./pages/endpoint.tsx";
import { Endpoints, Tenants } from "./pages/endpoints.tsx";
import { EventPage, Events } from "./pages/events.tsx";
import { Failures } from "./pages/failures.tsx";
import { Schedules, Workers } from "./pages/fleet.tsx";
import { Health } from "./pages/health.tsx";
import { JobPage } from "./pages/job.tsx";
import { Jobs } from "./pages/jobs.tsx";
import { KeysPage } from "./pages/keys.tsx";
import { Now } from "./pages/now.tsx";
import { Settings } from "./pages/settings.tsx";
import { SignIn } from "./pages/sign-in.tsx";
import { TryIt } from "./pages/try-it.tsx";
import { Empty } from "./parts/marks.tsx";
import { Shell } from "./parts/shell.tsx";

function Console() {
  const [isIn, setIn] = useState<boolean>();
  useSignalEffect(() => setIn(session.value?.signed_in));
  if (isIn === undefined) return null;
  if (!isIn) return <SignIn />;
  const at = `${base}/console`;
  return (
    <LocationProvider scope={at}>
      <Shell>
        <Router>
          <Route path={at} component={Now} />
          <Route path={`${at}/jobs`} component={Jobs} />
          <Route path={`${at}/jobs/:job_id`} component={JobPage} />
          <Route path={`${at}/failures`} component={Failures} />
          <Route path={`${at}/events`} component={Events} />
          <Route path={`${at}/events/:event`} component={EventPage} />
          <Route path={`${at}/endpoints`} component={Tenants} />
          <Route path={`${at}/endpoints/:tenant`} component={Endpoints} />
          <Route path={`${at}/endpoints/:tenant/:endpoint`} component={EndpointPage} />
          <Route path={`${at}/bulk`} component={BulkRuns} />
          <Route path={`${at}/bulk/:run`} component={BulkRunPage} />
          <Route path={`${at}/health`} component={Health} />
          <Route path={`${at}/keys`} component={KeysPage} />
          <Route path={`${at}/audit`} component={Audit} />
          <Route path={`${at}/schedules`} component={Schedules} />
          <Route path={`${at}/workers`} component={Workers} />
          <Route path={`${at}/try`} component={TryIt} />
          <Route path={`${at}/settings`} component={Settings} />
          <Route default component={Nowhere} />
        </Router>
      </Shell>
    </LocationProvider>
  );
}

function Nowhere() {
  return (
    <Empty title="There is no such page">
      <p>
        <a href={`${base}/console`}>Now</a>
      </p>
    </Empty>
  );
}

const place = document.getElementById("console");
if (place) {
  render(<Console />, place);
  void askSession().then(beginLive);
}
