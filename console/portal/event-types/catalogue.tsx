import type { EventType } from "../answers.ts";
import { Note } from "../controls.tsx";
import { Heading } from "../heading.tsx";
import { words } from "../words.ts";
import { useEventTypes } from "./event-types.ts";
import { TypeDetails } from "./type-details.tsx";

/** The event types that exist. */
export function Catalogue() {
  const { value, error } = useEventTypes();
  return (
    <>
      <Heading text={words.pages.types} />
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
      {value?.isCut && <p class="muted">{words.types.only(value.data.length)}</p>}
    </>
  );
}

function Described({ type }: { readonly type: EventType }) {
  return (
    <details>
      <summary>
        <span class="grow what">
          <span class="line">
            <code class="long">{type.name}</code>
            {type.is_deprecated && <span class="state off">{words.types.deprecated}</span>}
          </span>
          <span class="muted" dir="auto">
            {type.description}
          </span>
        </span>
      </summary>
      <TypeDetails type={type} />
    </details>
  );
}
