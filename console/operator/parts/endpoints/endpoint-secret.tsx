import { useState } from "preact/hooks";
import type { z } from "zod";
import type { secretAnswer } from "../../../../src/http/schemas/endpoint.ts";
import type { EndpointDetail } from "../../../../src/http/schemas/endpoint-list.ts";
import { api, tell } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";
import { Copy, Mono, Time } from "../marks.tsx";

type Secret = z.infer<typeof secretAnswer>;

interface EndpointSecretProps {
  /** The endpoint's path. */
  readonly at: string;
  readonly of: NonNullable<EndpointDetail["secrets"]>;
  done(): void;
}

/** What deliveries to an endpoint are signed with: shown to those who ask for it, which is recorded. */
export function EndpointSecret({ at, of: [current, ...old], done }: EndpointSecretProps) {
  const [shown, setShown] = useState<Secret>();
  return (
    <>
      <h2>Secret</h2>
      <div class="secret">
        {shown ? (
          <p class="line">
            <Mono>{shown.secret}</Mono> <Copy text={shown.secret} />
          </p>
        ) : (
          <p class="faint">Deliveries are signed with it.</p>
        )}
        <ul class="plain faint">
          {current && (
            <li>
              The current one was created <Time at={current.created_at} />.
            </li>
          )}
          {old.map(({ created_at, expires_at }) => (
            <li key={created_at}>
              One from <Time at={created_at} /> also signs; it expires <Time at={expires_at} />.
            </li>
          ))}
        </ul>
        <div class="actions">
          {!shown && (
            <AskFirst
              label="Show"
              takes="manage"
              title="Show the secret?"
              act={async () => setShown(await api.get<Secret>(`${at}/secret`))}
              done={done}
            >
              <p>Anyone who has it can sign like this server. The audit records that you looked.</p>
            </AskFirst>
          )}
          <AskFirst
            label="Replace"
            takes="manage"
            title="Replace the secret?"
            act={async () => setShown(await tell<Secret>(`${at}/secret/rotate`, { overlap: "24h" }))}
            done={done}
          >
            <p>For 24 hours deliveries are signed with both, then only with the new one.</p>
          </AskFirst>
        </div>
      </div>
    </>
  );
}
