import type { TaskJobPage } from "../../../../src/http/schemas/task-job.ts";
import { useAsked } from "../../live/asked.ts";
import { CONDITIONS, type Condition, conditions } from "../../rules/job-conditions.ts";
import { curlTo } from "../curl.ts";
import { Empty, Snippet } from "../marks.tsx";
import { search } from "../query.ts";

type Filter = Readonly<Partial<Record<Condition, string | undefined>>>;

interface NoJobsProps {
  readonly filter: Filter;
  /** The address of the same list without some of the conditions. */
  without(names: readonly Condition[]): string;
}

/** For an empty list: what would fill it. */
export function NoJobs({ filter, without }: NoJobsProps) {
  const given = conditions.filter((name) => filter[name] !== undefined);
  if (given.length > 0)
    return (
      <Empty title="Nothing matches">
        <p>
          No stored job matches this filter. <a href={without(given)}>Show all jobs</a>
        </p>
        {given.length > 1 && (
          <>
            <p>Or leave one condition out:</p>
            <ul>
              {given.map((name) => (
                <LeftOut key={name} name={name} filter={filter} href={without([name])} />
              ))}
            </ul>
          </>
        )}
      </Empty>
    );
  return (
    <Empty title="No jobs yet">
      <p>Send the first one from a shell:</p>
      <Snippet
        text={curlTo(
          "/webhooks/deliver",
          '{"target_url": "https://example.com/hooks", "payload": {"hello": "world"}}',
        )}
      />
    </Empty>
  );
}

const COUNTED = 50;

/** How many jobs match without one of the conditions: it is asked once, and counted as far as a page goes. */
function LeftOut({
  name,
  filter,
  href,
}: {
  readonly name: Condition;
  readonly filter: Filter;
  readonly href: string;
}) {
  const others = search({ ...filter, [name]: undefined, limit: String(COUNTED) });
  const { data } = useAsked<TaskJobPage>(`/jobs${others}`, { once: true });
  return (
    <li>
      <a href={href}>
        {CONDITIONS[name]}
        {data && `: ${foundIn(data)}`}
      </a>
    </li>
  );
}

function foundIn({ data, next_cursor }: TaskJobPage): string {
  if (data.length === 0) return next_cursor === null ? "still none" : "none among the newest";
  if (next_cursor !== null) return `${data.length} or more jobs`;
  return data.length === 1 ? "1 job" : `${data.length} jobs`;
}
