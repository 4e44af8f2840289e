import { Note } from "../kit/controls.tsx";
import { useLoaded } from "../kit/loaded.ts";
import type { EventType, Page } from "./answers.ts";
import { api } from "./session.ts";

/** The types of events that there are. */
export function Catalogue() {
  const { value, error } = useLoaded("types", () => api.get<Page<EventType>>("/event-types?limit=250"));
  return (
    <>
      <h1>Event types</h1>
      {error && <Note title="The event types could not be loaded">{error.message}</Note>}
      {value?.data.length === 0 && <Note title="No event types are described yet" />}
      <ul class="rows">
        {value?.data.map((type) => (
          <li key={type.name}>
            <Described type={type} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Described({ type }: { readonly type: EventType }) {
  const schema = Object.values(type.schemas ?? {}).at(-1);
  const [example] = schema?.examples ?? [];
  return (
    <details>
      <summary>
        <code class="long">{type.name}</code>
        {type.is_deprecated && <span class="state off">deprecated</span>}
        <span class="muted grow">{type.description}</span>
      </summary>
      {example !== undefined && (
        <>
          <h2>Example</h2>
          <pre>{JSON.stringify(example, null, 2)}</pre>
        </>
      )}
      {schema && (
        <>
          <h2>Schema</h2>
          <pre>{JSON.stringify(schema, null, 2)}</pre>
        </>
      )}
      {!schema && <p class="muted">Nothing more is known of its payload.</p>}
    </details>
  );
}
