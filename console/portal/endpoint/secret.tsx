import { useState } from "preact/hooks";
import { useLoaded } from "../../kit/loaded.ts";
import { href } from "../../kit/router.ts";
import { Time } from "../../kit/time.tsx";
import { Act, Copied, Dialog } from "../controls.tsx";
import { api, own } from "../session.ts";
import { words } from "../words.ts";

interface Shown {
  readonly secret: string;
  readonly public_key?: string;
}

interface Ages {
  /** The newest first. */
  readonly secrets: readonly { readonly created_at: string; readonly expires_at: string | null }[];
}

export function Secret({ id, mayReplace }: { readonly id: string; readonly mayReplace: boolean }) {
  const [shown, setShown] = useState<Shown>();
  const [isAsking, setAsking] = useState(false);
  const path = own(`/endpoints/${id}/secret`);
  const { value: ages, reload } = useLoaded(id, () => api.get<Ages>(own(`/endpoints/${id}?secrets=true`)));
  const current = ages?.secrets.find(({ expires_at }) => expires_at === null);
  const replaced = ages?.secrets.filter(
    ({ expires_at: end }) => end !== null && Date.parse(end) > Date.now(),
  );
  const told = words.secret;
  const rotate = async () => {
    setShown(await api.send<Shown>("POST", `${path}/rotate`, { overlap: "24h" }));
    setAsking(false);
    reload();
  };
  return (
    <section aria-label={words.endpoint.tabs.secret}>
      <p>
        {told.told} <a href={href("/verify")}>{told.how}</a>
      </p>
      <div class="line">
        <code class="secret long">{shown?.secret ?? "•".repeat(24)}</code>
        {shown ? (
          <Copied text={shown.secret} />
        ) : (
          <Act label={told.show} act={async () => setShown(await api.get<Shown>(path))} />
        )}
      </div>
      {current && (
        <p class="muted">
          {told.since} <Time at={current.created_at} exact />
        </p>
      )}
      {replaced?.map(({ created_at, expires_at }) => (
        <p key={created_at} role="status">
          {told.both} <Time at={expires_at ?? ""} exact />.
        </p>
      ))}
      {shown?.public_key && (
        <p>
          {told.publicKey}: <code class="long">{shown.public_key}</code> <Copied text={shown.public_key} />
        </p>
      )}
      {mayReplace && (
        <div class="actions">
          <button type="button" onClick={() => setAsking(true)}>
            {told.replace}
          </button>
        </div>
      )}
      {isAsking && (
        <Dialog title={told.asked} close={() => setAsking(false)}>
          <p>{told.askedTold}</p>
          <div class="actions">
            <Act label={told.replace} kind="primary" act={rotate} />
            <button type="button" onClick={() => setAsking(false)}>
              {words.common.keep}
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
