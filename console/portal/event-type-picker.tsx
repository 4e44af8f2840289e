import { useEventTypes } from "./event-types.ts";
import { session } from "./session.ts";
import { words } from "./words.ts";

/**
 * All types, those that are still to come among them, or some. A session that is for some types only chooses among those, and all of
 * them are a list.
 * @param chosen null for all.
 */
export function EventTypePicker(props: {
  readonly chosen: readonly string[] | null;
  choose(types: readonly string[] | null): void;
}) {
  const { chosen, choose } = props;
  const { value } = useEventTypes();
  const described = new Map(
    value?.data.filter((type) => !type.is_deprecated).map(({ name, description }) => [name, description]),
  );
  const own = session.value?.event_types ?? [];
  const names = [...new Set([...described.keys(), ...own, ...(chosen ?? [])])];
  const toggle = (name: string, isOn: boolean) =>
    choose(isOn ? [...(chosen ?? []), name] : (chosen ?? []).filter((each) => each !== name));
  return (
    <fieldset>
      <legend>{words.fields.events}</legend>
      {own.length === 0 && (
        <>
          <label class="choice">
            <input type="radio" name="which" checked={chosen === null} onChange={() => choose(null)} />
            {words.fields.all}
          </label>
          <label class="choice">
            <input
              type="radio"
              name="which"
              checked={chosen !== null}
              disabled={names.length === 0}
              onChange={() => choose(chosen ?? [])}
            />
            {words.fields.some}
          </label>
        </>
      )}
      {chosen !== null && (
        <div class={own.length === 0 ? "choices" : "choices flush"}>
          {names.map((name) => (
            <label key={name} class="choice">
              <input
                type="checkbox"
                checked={chosen.includes(name)}
                onChange={({ currentTarget }) => toggle(name, currentTarget.checked)}
              />
              <span>
                <code>{name}</code>
                {described.get(name) && <span class="muted"> {described.get(name)}</span>}
              </span>
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
