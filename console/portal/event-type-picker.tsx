import { useLoaded } from "../kit/loaded.ts";
import type { EventType, Page } from "./answers.ts";
import { api } from "./session.ts";

/** All types, those that are still to come among them, or some. @param chosen null for all. */
export function EventTypePicker(props: {
  readonly chosen: readonly string[] | null;
  choose(types: readonly string[] | null): void;
}) {
  const { chosen, choose } = props;
  const { value } = useLoaded("types", () => api.get<Page<EventType>>("/event-types?limit=250"));
  const known = value?.data.filter((type) => !type.is_deprecated).map(({ name }) => name) ?? [];
  const names = [...new Set([...known, ...(chosen ?? [])])];
  const toggle = (name: string, isOn: boolean) =>
    choose(isOn ? [...(chosen ?? []), name] : (chosen ?? []).filter((each) => each !== name));
  return (
    <fieldset>
      <legend>Events</legend>
      <label class="choice">
        <input type="radio" name="which" checked={chosen === null} onChange={() => choose(null)} />
        All, and those that are added later
      </label>
      <label class="choice">
        <input
          type="radio"
          name="which"
          checked={chosen !== null}
          disabled={names.length === 0}
          onChange={() => choose(chosen ?? [])}
        />
        Only these
      </label>
      {chosen !== null && (
        <div class="choices">
          {names.map((name) => (
            <label key={name} class="choice">
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={({ currentTarget }) => toggle(name, currentTarget.checked)}
              />
              <code>{name}</code>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
