import { Note } from "./controls.tsx";
import type { EventType } from "./answers.ts";
import { useEventTypes } from "./event-types.ts";
import { words } from "./words.ts";

/** The event types that exist. */
export function Catalogue() {
  const { value, error } = useEventTypes();
  return (
    <>
      <h1>{words.pages.types}</h1>
      {error && <Note title={words.notLoaded.types}>{error.message}</Note>}
      {!value && !error && <p class="muted">{words.common.loading}</p>}
      {value?.data.length === 0 && <Note title={words.types.none} />}
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
        <span class="grow what">
          <span class="line">
            <code class="long">{type.name}</code>
            {type.is_deprecated && <span class="state off">{words.types.deprecated}</span>}
          </span>
          <span class="muted">{type.description}</span>
        </span>
      </summary>
      {example !== undefined && (
        <>
          <h2>{words.types.example}</h2>
          <pre>{JSON.stringify(example, null, 2)}</pre>
        </>
      )}
      {schema && (
        <>
          <h2>{words.types.schema}</h2>
          <pre>{JSON.stringify(schema, null, 2)}</pre>
        </>
      )}
      {!schema && <p class="muted">{words.types.unknown}</p>}
    </details>
  );
}
