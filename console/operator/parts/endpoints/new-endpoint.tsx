import { useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import type { z } from "zod";
import type { endpointMade } from "../../../../src/http/schemas/endpoint.ts";
import { api } from "../../live/server.ts";
import { BLANK_TEXTS } from "../../rules/endpoint-texts.ts";
import { AskFirst } from "../ask-first.tsx";
import { pageAt } from "../marks.tsx";
import { useEndpointForm } from "./endpoint-form.tsx";

interface NewEndpointProps {
  readonly tenant: string;
  /** The path of the tenant's endpoints. */
  readonly at: string;
}

/** Creates an endpoint, and opens its page. */
export function NewEndpoint({ tenant, at }: NewEndpointProps) {
  const { route } = useLocation();
  const [warned, setWarned] = useState<z.infer<typeof endpointMade>>();
  const { children, ...form } = useEndpointForm({
    load: async () => BLANK_TEXTS,
    send: async (body) => {
      const made = await api.sendText<z.infer<typeof endpointMade>>(at, { method: "POST", body });
      if (made.warnings.length > 0) setWarned(made);
      else route(pageAt("endpoints", tenant, made.endpoint_id));
    },
    also: ["signature", "status"],
  });
  return (
    <AskFirst
      label="New endpoint…"
      takes="manage"
      title="New endpoint"
      confirm="Create"
      isWide
      {...form}
      seen="Open it"
      after={warned?.warnings.map((warning) => (
        <p key={warning} class="warn">
          It was created. {warning}
        </p>
      ))}
      closed={() => warned && route(pageAt("endpoints", tenant, warned.endpoint_id))}
    >
      {children}
      <div class="two even">
        <label>
          Signature
          <select name="signature">
            <option value="hmac">HMAC-SHA256</option>
            <option value="ed25519">ed25519</option>
          </select>
        </label>
        <label>
          Initial status
          <select name="status">
            {["active", "paused", "disabled"].map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        </label>
      </div>
    </AskFirst>
  );
}
