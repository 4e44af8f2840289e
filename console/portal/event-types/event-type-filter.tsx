import { words } from "../words.ts";
import { useEventTypes } from "./event-types.ts";

/** One type of events, or all; not shown if there is no type to choose. */
export function EventTypeFilter(props: { readonly chosen: string; choose(type: string): void }) {
  const { value } = useEventTypes();
  if (!value || value.data.length === 0) return null;
  return (
    <select
      class="filter"
      aria-label={words.deliveries.ofType}
      value={props.chosen}
      onChange={({ currentTarget }) => props.choose(currentTarget.value)}
    >
      <option value="">{words.deliveries.anyType}</option>
      {value.data.map(({ name }) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}
