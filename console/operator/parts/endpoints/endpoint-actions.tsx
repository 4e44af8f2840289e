import type { EndpointAnswer } from "../../../../src/http/schemas/endpoint.ts";
import type { TrialAnswer } from "../../../../src/http/schemas/endpoint-operations.ts";
import { tell } from "../../live/server.ts";
import { AskFirst } from "../ask-first.tsx";
import { BulkDialog } from "../jobs/bulk-dialog.tsx";
import { EditEndpoint } from "./edit-endpoint.tsx";
import { EnableEndpoint } from "./enable-endpoint.tsx";
import { EndpointLimits } from "./endpoint-limits.tsx";

interface EndpointActionsProps {
  readonly of: EndpointAnswer;
  /** Its path. */
  readonly at: string;
  done(): void;
  tried(trial: TrialAnswer): void;
}

/** What a person may do with an endpoint in its state. */
export function EndpointActions({ of, at, done, tried }: EndpointActionsProps) {
  const act = (what: string) => () => tell(`${at}/${what}`);
  const filter = { tenant: of.tenant, endpoint: of.endpoint_id };
  return (
    <>
      <AskFirst
        label="Test"
        takes="manage"
        title="Send an example now?"
        act={() => tell<TrialAnswer>(`${at}/test`).then(tried)}
        done={done}
      >
        <p>It gets one signed example, and its answer is shown here. It is not retried.</p>
      </AskFirst>
      <EditEndpoint at={at} done={done} />
      <EndpointLimits of={of} at={at} done={done} />
      <BulkDialog
        label="Replay…"
        about={`Events of its tenant, for ${of.url}.`}
        filter={filter}
        actions={["replay"]}
      />
      <BulkDialog
        label="Cancel waiting deliveries…"
        about={`Deliveries that are waiting to be sent to ${of.url}.`}
        filter={{ ...filter, status: "queued" }}
        actions={["cancel"]}
      />
      {of.status === "active" && (
        <AskFirst label="Pause" takes="manage" title="Pause this endpoint?" act={act("pause")} done={done}>
          <p>Its deliveries wait until it is resumed.</p>
        </AskFirst>
      )}
      {of.status === "paused" && (
        <AskFirst label="Resume" takes="manage" title="Resume this endpoint?" act={act("resume")} done={done}>
          <p>Its waiting deliveries are sent.</p>
        </AskFirst>
      )}
      {of.status === "disabled" ? (
        <EnableEndpoint of={of} at={at} done={done} />
      ) : (
        <AskFirst
          label="Disable"
          takes="manage"
          danger
          title="Disable this endpoint?"
          act={act("disable")}
          done={done}
        >
          <p>It gets no new events, and its queued deliveries wait.</p>
        </AskFirst>
      )}
    </>
  );
}
