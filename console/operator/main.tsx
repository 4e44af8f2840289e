import { useSignalEffect } from "@preact/signals";
import { render } from "preact";
import { useState } from "preact/hooks";
import { LocationProvider, Route, Router } from "preact-iso";
import { later } from "../kit/later.tsx";
import { beginLive } from "./live/beat.ts";
import { askSession, base, session } from "./live/server.ts";
import { Failures } from "./pages/failures.tsx";
import { JobPage } from "./pages/job.tsx";
import { Jobs } from "./pages/jobs.tsx";
import { Now } from "./pages/now.tsx";
import { SignIn } from "./pages/sign-in.tsx";
import { Empty, Loading } from "./parts/marks.tsx";
import { Shell } from "./parts/shell.tsx";

type More = typeof import("./pages/more.ts");

function more(name: keyof More) {
  return later(() => import("./pages/more.ts").then((pages) => pages[name]), Loading);
}

const Audit = more("Audit");
const BulkRunPage = more("BulkRunPage");
const BulkRuns = more("BulkRuns");
const EndpointPage = more("EndpointPage");
const Endpoints = more("Endpoints");
const Tenants = more("Tenants");
const EventPage = more("EventPage");
const Events = more("Events");
const FailurePage = more("FailurePage");
const Schedules = more("Schedules");
const Workers = more("Workers");
const Health = more("Health");
const KeysPage = more("KeysPage");
const Settings = more("Settings");
const TryIt = more("TryIt");

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
          <Route path={`${at}/failures/:fingerprint`} component={FailurePage} />
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
