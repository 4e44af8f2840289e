import { useState } from "preact/hooks";
import { Act, Copied, Dialog } from "../kit/controls.tsx";
import { href } from "../kit/router.ts";
import { api, own } from "./session.ts";

interface Shown {
  readonly secret: string;
  readonly public_key?: string;
}

export function Secret({ id }: { readonly id: string }) {
  const [shown, setShown] = useState<Shown>();
  const [isAsking, setAsking] = useState(false);
  const path = own(`/endpoints/${id}/secret`);
  const rotate = async () => {
    setShown(await api.send<Shown>("POST", `${path}/rotate`));
    setAsking(false);
  };
  return (
    <section aria-label="Secret">
      <p>
        Every delivery is signed with this secret, so that you can tell that it is from us.{" "}
        <a href={href("/verify")}>How to verify it</a>
      </p>
      <div class="line">
        <code class="secret long">{shown?.secret ?? "•".repeat(24)}</code>
        {shown ? (
          <Copied text={shown.secret} label="Copy" />
        ) : (
          <Act label="Show" act={async () => setShown(await api.get<Shown>(path))} />
        )}
      </div>
      {shown?.public_key && (
        <p>
          Public key: <code class="long">{shown.public_key}</code>{" "}
          <Copied text={shown.public_key} label="Copy" />
        </p>
      )}
      <div class="actions">
        <button type="button" onClick={() => setAsking(true)}>
          Replace it
        </button>
      </div>
      {isAsking && (
        <Dialog title="Replace the secret?" close={() => setAsking(false)}>
          <p>
            For 24 hours every delivery is signed with both, the new secret and the old one. Within that time,
            put the new one where your endpoint verifies signatures.
          </p>
          <div class="actions">
            <Act label="Replace it" kind="primary" act={rotate} />
            <button type="button" onClick={() => setAsking(false)}>
              Keep it
            </button>
          </div>
        </Dialog>
      )}
    </section>
  );
}
