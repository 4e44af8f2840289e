import type { z } from "zod";
import type { bulkPreview } from "../../../../src/http/schemas/bulk.ts";
import type { EndpointAnswer } from "../../../../src/http/schemas/endpoint.ts";
import { useLoaded } from "../../../kit/loaded.ts";
import { tell } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";
import { Time } from "../marks.tsx";

type Preview = z.infer<typeof bulkPreview>;

interface EnableEndpointProps {
  readonly of: EndpointAnswer;
  /** Its path. */
  readonly at: string;
  done(): void;
}

/** Enables an endpoint, and sends what it missed meanwhile, if that is wanted. */
export function EnableEndpoint({ of: { status_changed_at: since }, at, done }: EnableEndpointProps) {
  return (
    <AskFirst
      label="Enable"
      takes="manage"
      title="Enable this endpoint?"
      act={async (given) => {
        await tell(`${at}/enable`);
        if (given.has("recover")) await tell(`${at}/replay`, { since, what: "missing" });
      }}
      done={done}
    >
      <p>It gets events again, and its waiting deliveries are sent.</p>
      <Missed at={at} since={since} />
    </AskFirst>
  );
}

function Missed({ at, since }: { readonly at: string; readonly since: string }) {
  const asked = { since, what: "missing", dry_run: true };
  const { value } = useLoaded(`${at} ${since}`, () => tell<Preview>(`${at}/replay`, asked));
  if (!value) return <p class="faint">Counting what it missed…</p>;
  const { at_least } = value.matched;
  const n = value.changed + (value.skipped.disabled ?? 0); // once it is enabled, those are no longer skipped
  if (n === 0) return <p class="faint">It has missed nothing since.</p>;
  return (
    <label>
      <input type="checkbox" name="recover" defaultChecked />
      <span>
        Also send the {n}
        {at_least && "+"} {n === 1 ? "event" : "events"} that it has missed since <Time at={since} exact />
      </span>
    </label>
  );
}
