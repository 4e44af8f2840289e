import { api } from "../../live/server.ts";
import { textsOf } from "../../rules/endpoint-texts.ts";
import { AskFirst } from "../ask-first.tsx";
import { useEndpointForm } from "./endpoint-form.tsx";

interface EditEndpointProps {
  /** Its path. */
  readonly at: string;
  done(): void;
}

/** Changes what an endpoint is set to. */
export function EditEndpoint({ at, done }: EditEndpointProps) {
  const { children, ...form } = useEndpointForm({
    load: async () => textsOf(await api.text(at)),
    send: (body) => api.sendText(at, { method: "PATCH", body }),
  });
  return (
    <AskFirst
      label="Edit…"
      takes="manage"
      title="Edit this endpoint"
      confirm="Save"
      isWide
      {...form}
      done={done}
    >
      <p>Deliveries that are waiting use the new values, too. Only what you change is saved.</p>
      {children}
    </AskFirst>
  );
}
