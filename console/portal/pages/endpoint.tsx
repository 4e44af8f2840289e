import { useLoaded } from "../../kit/loaded.ts";
import { href } from "../../kit/router.ts";
import { Time } from "../../kit/time.tsx";
import type { Endpoint } from "../answers.ts";
import { Activity } from "../endpoint/activity.tsx";
import { LastDay } from "../endpoint/last-day.tsx";
import { Replay } from "../endpoint/replay.tsx";
import { Secret } from "../endpoint/secret.tsx";
import { Settings } from "../endpoint/settings.tsx";
import { Stopped } from "../endpoint/stopped.tsx";
import { Try } from "../endpoint/try.tsx";
import { Note } from "../parts/controls.tsx";
import { Deliveries } from "../parts/deliveries.tsx";
import { State, stateOf } from "../parts/endpoint-state.tsx";
import { Heading } from "../parts/heading.tsx";
import { api, may, own } from "../session.ts";
import { words } from "../words.ts";

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
