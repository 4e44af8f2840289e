import type { EventType, Schema } from "../answers.ts";
import { words } from "../words.ts";

function newestSchema({ schemas }: EventType): Schema | undefined {
  return Object.values(schemas ?? {}).at(-1);
}

/** The first example of its payload; undefined without one. */
export function exampleOf(type: EventType | undefined): unknown {
  return type && newestSchema(type)?.examples?.[0];
}

/** What the events of a type carry. */
export function TypeDetails({ type }: { readonly type: EventType }) {
  const schema = newestSchema(type);
  const example = exampleOf(type);
  return (
    <>
      {example !== undefined && (
        <>
          <h2>{words.types.example}</h2>
          <pre>{JSON.stringify(example, null, 2)}</pre>
        </>
      )}
      {schema === undefined ? (
        <p class="muted">{words.types.unknown}</p>
      ) : (
        <>
          <h2>{words.types.schema}</h2>
          <pre>{JSON.stringify(schema, null, 2)}</pre>
        </>
      )}
    </>
  );
}
