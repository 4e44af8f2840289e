import { useState } from "preact/hooks";
import { Act, Copied, Dialog } from "../kit/controls.tsx";
import { href } from "../kit/router.ts";
import { Time } from "../kit/time.tsx";
import { api, own } from "./session.ts";
import { words } from "./words.ts";

interface Shown {
  readonly secret: string;
  readonly public_key?: string;
}

const BOTH_FOR_MS = 86_400_000;

export function Secret({ id, mayReplace }: { readonly id: string; readonly mayReplace: boolean }) {
  const [shown, setShown] = useState<Shown>();
  const [bothUntil, setBothUntil] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const path = own(`/endpoints/${id}/secret`);
  const told = words.secret;
  const rotate = async () => {
    setShown(await api.send<Shown>("POST", `${path}/rotate`, { overlap: "24h" }));
    setBothUntil(new Date(Date.now() + BOTH_FOR_MS).toISOString());
    setAsking(false);
  };
  return (
    <section aria-label={words.endpoint.tabs.secret}>
      <p>
        {told.told} <a href={href("/verify")}>{told.how}</a>
      </p>
      <div class="line">
        <code class="secret long">{shown?.secret ?? "•".repeat(24)}</code>
        {shown ? (
          <Copied text={shown.secret} label={words.common.copy} />
        ) : (
          <Act label={told.show} act={async () => setShown(await api.get<Shown>(path))} />
        )}
      </div>
      {bothUntil && (
        <p role="status">
          {told.both} <Time at={bothUntil} exact />.
        </p>
      )}
      {shown?.public_key && (
        <p>
          {told.publicKey}: <code class="long">{shown.public_key}</code>{" "}
          <Copied text={shown.public_key} label={words.common.copy} />
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
