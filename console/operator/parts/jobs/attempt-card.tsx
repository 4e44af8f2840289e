import type { z } from "zod";
import type { AttemptAnswer, attemptPage } from "../../../../src/http/schemas/job.ts";
import { span } from "../../rules/times.ts";
import { Facts, Status, Time } from "../marks.tsx";
import { Revealed } from "../revealed.tsx";

type Detail = NonNullable<AttemptAnswer["detail"]>;
type Timing = NonNullable<AttemptAnswer["timing"]>;

/** The outcome of one attempt; what was answered and thrown, when asked for. */
export function AttemptCard({
  attempt,
  path,
}: {
  readonly attempt: AttemptAnswer;
  /** What lists it. */
  readonly path: string;
}) {
  const {
    outcome,
    http_status,
    error,
    duration_ms,
    started_at,
    response,
    detail,
    timing,
    class: kind,
  } = attempt;
  return (
    <li class={`at-${outcome}`}>
      <p class="line">
        <strong>Attempt {attempt.attempt}</strong>
        <Status of={outcome} />
        {http_status !== null && <span class="code">{http_status}</span>}
        {http_status === null && kind && <span class="code">{kind}</span>}
        <span class="faint">
          {span(duration_ms)} · <Time at={started_at} exact />
        </span>
      </p>
      {error && <p class="error">{error}</p>}
      {timing && <Steps timing={timing} totalMs={duration_ms} />}
      {(response || detail) && (
        <details>
          <summary>{response ? "What was answered" : "What was thrown"}</summary>
          {response && (
            <Revealed
              name="Answer"
              text={response}
              path={path}
              from={(answer) => responseOf(answer, attempt.attempt)}
            />
          )}
          {detail && <Thrown detail={detail} />}
        </details>
      )}
    </li>
  );
}

const STEPS = [
  ["dns_ms", "DNS"],
  ["connect_ms", "Connect"],
  ["tls_ms", "TLS"],
  ["first_byte_ms", "First byte"],
] as const;

/** How long each step took that was taken: over a connection that was open there is only the last. */
function Steps({ timing, totalMs }: { readonly timing: Timing; readonly totalMs: number }) {
  const taken = STEPS.flatMap(([step, name]) => {
    const ms = timing[step];
    return ms === undefined ? [] : [[name, milliseconds(ms)] as const];
  });
  return <Facts of={[...taken, ["Total", span(totalMs)]]} inline />;
}

/** Steps within one machine take less than one. */
function milliseconds(ms: number): string {
  return ms < 10 ? `${ms} ms` : span(ms);
}

function responseOf(answer: string, n: number): string | undefined {
  const { data } = JSON.parse(answer) as z.infer<typeof attemptPage>; // as the API describes it
  return data.find(({ attempt }) => attempt === n)?.response ?? undefined;
}

function Thrown({ detail }: { readonly detail: Detail }) {
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>{detail.stack ?? `${detail.name}: ${detail.message}`}</pre>
      {detail.cause && <Thrown detail={detail.cause} />}
    </>
  );
}
