import { Note } from "../kit/controls.tsx";
import { useLoaded } from "../kit/loaded.ts";
import { href } from "../kit/router.ts";
import { Time } from "../kit/time.tsx";
import { Activity } from "./activity.tsx";
import type { Endpoint } from "./answers.ts";
import { Deliveries } from "./deliveries.tsx";
import { State, stateOf } from "./endpoint-state.tsx";
import { Secret } from "./secret.tsx";
import { api, may, own } from "./session.ts";
import { Settings } from "./settings.tsx";
import { Try } from "./try.tsx";

export function EndpointPage({ id, tab }: { readonly id: string; readonly tab: string }) {
  const { value: endpoint, error, reload } = useLoaded(id, () => api.get<Endpoint>(own(`/endpoints/${id}`)));
  if (error) return <Note title="The endpoint could not be loaded">{error.message}</Note>;
  if (!endpoint) return null;
  const tabs = [
    ["deliveries", "Deliveries"],
    ...(may("test") ? [["try", "Try it"] as const] : []),
    ...(may("secrets") ? [["secret", "Secret"] as const] : []),
    ...(may("endpoints") ? [["settings", "Settings"] as const] : []),
    ["activity", "Activity"],
  ] as const;
  return (
    <>
      <p>
        <a href={href("/")}>← Endpoints</a>
      </p>
      <h1 class="long">{endpoint.url}</h1>
      {endpoint.description && <p class="muted">{endpoint.description}</p>}
      <p class="line">
        <State endpoint={endpoint} />
        <span class="muted">
          {stateOf(endpoint).explains}
          {endpoint.health.next_probe_at && endpoint.status === "active" && (
            <>
              {" "}
              · tried again <Time at={endpoint.health.next_probe_at} />
            </>
          )}
        </span>
      </p>
      <nav class="tabs" aria-label="Of this endpoint">
        {tabs.map(([key, name]) => (
          <a key={key} href={href(`/endpoints/${id}/${key}`)} aria-current={key === tab ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {tab === "deliveries" && <Deliveries id={id} />}
      {tab === "try" && <Try endpoint={endpoint} />}
      {tab === "secret" && <Secret id={id} />}
      {tab === "settings" && <Settings endpoint={endpoint} changed={reload} />}
      {tab === "activity" && <Activity id={id} />}
    </>
  );
}
