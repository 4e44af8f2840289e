import { useLoaded } from "../../kit/loaded.ts";
import { href } from "../../kit/router.ts";
import { Time } from "../../kit/time.tsx";
import { Activity } from "../activity.tsx";
import type { Endpoint } from "../answers.ts";
import { Note } from "../controls.tsx";
import { Deliveries } from "../deliveries/deliveries.tsx";
import { Heading } from "../heading.tsx";
import { api, may, own } from "../session.ts";
import { words } from "../words.ts";
import { State, stateOf } from "./endpoint-state.tsx";
import { LastDay } from "./last-day.tsx";
import { Replay } from "./replay.tsx";
import { Secret } from "./secret.tsx";
import { Settings } from "./settings.tsx";
import { Stopped } from "./stopped.tsx";
import { Try } from "./try.tsx";

export function EndpointPage({ id, tab: asked }: { readonly id: string; readonly tab: string }) {
  const { value: endpoint, error, reload } = useLoaded(id, () => api.get<Endpoint>(own(`/endpoints/${id}`)));
  if (error) return <Note title={words.notLoaded.endpoint}>{error.message}</Note>;
  if (!endpoint) return <p class="muted">{words.common.loading}</p>;
  const { sees_all_event_types: seesAll = true } = endpoint;
  const { tabs: names } = words.endpoint;
  const tabs = [
    ["deliveries", names.deliveries],
    ...(may("test") ? [["try", names.try] as const] : []),
    ...(may("secrets") ? [["secret", names.secret] as const] : []),
    ...(may("endpoints") ? [["settings", names.settings] as const] : []),
    ["activity", names.activity],
  ] as const;
  const tab = tabs.some(([key]) => key === asked) ? asked : "deliveries";
  return (
    <>
      <p>
        <a href={href("/")}>← {words.pages.endpoints}</a>
      </p>
      <Heading text={endpoint.url} part={tabs.find(([key]) => key === tab)?.[1] ?? ""} />
      {endpoint.description && (
        <p class="muted long" dir="auto">
          {endpoint.description}
        </p>
      )}
      <p class="line">
        <State endpoint={endpoint} />
        <span class="muted">
          {stateOf(endpoint).explains}
          {endpoint.health.next_probe_at && endpoint.status === "active" && (
            <>
              {" "}
              · {words.state.triedAgain} <Time at={endpoint.health.next_probe_at} />
            </>
          )}
        </span>
      </p>
      <Stopped endpoint={endpoint} changed={reload} />
      {seesAll ? (
        <LastDay path={own(`/endpoints/${id}`)} />
      ) : (
        <p class="muted">{words.endpoint.getsOthers}</p>
      )}
      <nav class="tabs" aria-label={words.endpoint.of}>
        {tabs.map(([key, name]) => (
          <a key={key} href={href(`/endpoints/${id}/${key}`)} aria-current={key === tab ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      {tab === "deliveries" && (
        <Deliveries path={own(`/endpoints/${id}/attempts`)} none={words.deliveries.noneYet}>
          {may("replay") && <Replay id={id} />}
        </Deliveries>
      )}
      {tab === "try" && <Try endpoint={endpoint} />}
      {tab === "secret" && <Secret id={id} mayReplace={seesAll} />}
      {tab === "settings" && <Settings endpoint={endpoint} changed={reload} />}
      {tab === "activity" && <Activity id={id} />}
    </>
  );
}
