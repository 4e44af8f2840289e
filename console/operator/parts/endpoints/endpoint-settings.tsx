import { useEffect } from "preact/hooks";
import type { z } from "zod";
import type { endpointAttemptPage } from "../../../../src/http/schemas/attempt.ts";
import type { EndpointAnswer } from "../../../../src/http/schemas/endpoint.ts";
import { memberOf } from "../../../kit/json-tokens.ts";
import { useAskedText } from "../../live/asked.ts";
import { limitWords } from "../../rules/limit-words.ts";
import { Facts, Mono, Time } from "../marks.tsx";
import { Payload } from "../payload.tsx";

interface EndpointSettingsProps {
  readonly of: EndpointAnswer;
  /** Its path. */
  readonly at: string;
  /** The last ones, newest first. */
  readonly attempts: z.infer<typeof endpointAttemptPage>["data"];
}

/** What an endpoint is set to. */
export function EndpointSettings({ of, at, attempts }: EndpointSettingsProps) {
  // the health of an endpoint is saved only when it fails
  const lastSuccess = attempts.find(({ outcome }) => outcome === "succeeded")?.started_at;
  const { egress, auth, verification, metadata } = of;
  return (
    <>
      <Facts
        of={[
          ["URL", <Mono>{of.url}</Mono>],
          ["Id", <Mono>{of.endpoint_id}</Mono>],
          of.uid && ["Your id", <Mono>{of.uid}</Mono>],
          ["Event types", of.event_types?.join(", ") ?? "every type"],
          ["Channels", of.channels?.join(", ") ?? "any or none"],
          ["Signature", `${of.signature}, ${of.header_style} headers`],
          ["Timeout", of.timeout ?? "15s"],
          ["Retries", retryWords(of.retry)],
          ["Limits", (of.limits && limitWords(of.limits)) || "none of its own"],
          ["Custom headers", of.headers.length === 0 ? "none" : of.headers.join(", ")],
          auth && ["Authentication", auth.kind],
          egress && ["Egress proxy", egress],
          verification && ["Verification", verificationWords(verification)],
          ...Object.entries(metadata).map(([name, value]) => [`Metadata: ${name}`, value] as const),
          ["Last success", <Time at={lastSuccess ?? of.health.last_success_at} />],
          ["Last failure", <Time at={of.health.last_failure_at} />],
          ["Created", <Time at={of.created_at} exact />],
        ]}
      />
      {of.filter !== null && <Filter at={at} revised={of.updated_at} />}
    </>
  );
}

/** As it was written: it may hold numbers that JavaScript cannot. */
function Filter({ at, revised }: { readonly at: string; readonly revised: string }) {
  const { data, again } = useAskedText(at);
  useEffect(() => {
    if (data !== undefined) again();
  }, [revised]);
  const text = data === undefined ? undefined : memberOf(data, "filter");
  return text === undefined ? null : <Payload name="Filter" text={text} />;
}

function retryWords(retry: EndpointAnswer["retry"]): string {
  const attempts = `at most ${retry?.attempts ?? 10} attempts`;
  return retry?.delays ? `${attempts}, after ${retry.delays.join(", ")}` : `${attempts}, over growing pauses`;
}

function verificationWords({ method, verified, error }: NonNullable<EndpointAnswer["verification"]>): string {
  return `${method}, ${verified ? "confirmed" : `not confirmed${error ? `: ${error}` : ""}`}`;
}
