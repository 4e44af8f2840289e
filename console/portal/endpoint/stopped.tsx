import { useState } from "preact/hooks";
import { asError, useLoaded } from "../../kit/loaded.ts";
import { Time } from "../../kit/time.tsx";
import type { Endpoint } from "../answers.ts";
import { Act } from "../controls.tsx";
import { api, may, mayOperate, own } from "../session.ts";
import { words } from "../words.ts";

interface Preview {
  readonly matched: { readonly n: number; readonly at_least: boolean };
}

/** Why nothing is sent to an endpoint, what it missed, and one button for both. */
export function Stopped({ endpoint, changed }: { readonly endpoint: Endpoint; changed(): void }) {
  const { endpoint_id: id, status, status_reason: reason, status_changed_at: since } = endpoint;
  const [recovered, setRecovered] = useState<string>();
  if (recovered !== undefined) return <p role="status">{recovered}</p>;
  if (status === "active") return null;
  const path = own(`/endpoints/${id}`);
  const told = words.stopped;
  const go = async (verb: "enable" | "resume") => {
    await api.send("POST", `${path}/${verb}`, {});
    changed();
  };
  return (
    <div class="stopped">
      <p>
        <strong>{told[status]}</strong> {told.since} <Time at={since} />
        {reason && (
          <>
            : <bdi>{reason}</bdi>
          </>
        )}
        .
      </p>
      {status === "paused" && <p class="muted">{told.waits}</p>}
      {status === "paused" && mayOperate(endpoint) && (
        <div class="actions">
          <Act label={told.resume} kind="primary" act={() => go("resume")} />
        </div>
      )}
      {status === "disabled" && mayOperate(endpoint) && (
        <div class="actions">
          {may("replay") && (
            <Recover
              path={path}
              since={since}
              act={async () => {
                await api.send("POST", `${path}/enable`, {});
                // it is enabled, whatever happens to the rest: said here, because the button that asked is gone by then
                await api.send("POST", `${path}/replay`, { since, what: "missing" }).then(
                  () => setRecovered(told.recovering),
                  (thrown) => setRecovered(told.notRecovering(asError(thrown).message)),
                );
                changed();
              }}
            />
          )}
          <Act label={told.enable} act={() => go("enable")} />
        </div>
      )}
    </div>
  );
}

/** Says first what was missed. */
function Recover(props: { readonly path: string; readonly since: string; act(): Promise<void> }) {
  const asked = { since: props.since, what: "missing", dry_run: true };
  const { value } = useLoaded(`${props.path} ${props.since}`, () =>
    api.send<Preview>("POST", `${props.path}/replay`, asked),
  );
  if (!value) return null;
  const { n, at_least } = value.matched;
  const told = words.stopped;
  return (
    <>
      <p class="whole">{n === 0 ? told.missedNone : told.missed(n, at_least)}</p>
      {n > 0 && <Act label={told.recover} kind="primary" act={props.act} />}
    </>
  );
}
