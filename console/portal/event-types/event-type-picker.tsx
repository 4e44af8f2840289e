import type { EventType } from "../answers.ts";
import { session } from "../session.ts";
import { words } from "../words.ts";
import { useEventTypes } from "./event-types.ts";
import { TypeDetails } from "./type-details.tsx";

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
    value?.data.filter((type) => !type.is_deprecated).map((type) => [type.name, type]),
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
            <Choice
              key={name}
              name={name}
              type={described.get(name)}
              isChosen={chosen.includes(name)}
              toggle={(isOn) => toggle(name, isOn)}
            />
          ))}
          {value?.isCut && <p class="muted">{words.types.only(value.data.length)}</p>}
        </div>
      )}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly name: string;
  /** Undefined for one that is not in the catalogue. */
  readonly type: EventType | undefined;
  readonly isChosen: boolean;
  toggle(isOn: boolean): void;
}

function Choice({ name, type, isChosen, toggle }: ChoiceProps) {
  return (
    <>
      <label class="choice">
        <input
          type="checkbox"
          checked={isChosen}
          onChange={({ currentTarget }) => toggle(currentTarget.checked)}
        />
        <span>
          <code>{name}</code>{" "}
          {type?.description && (
            <span class="muted" dir="auto">
              {type.description}
            </span>
          )}
        </span>
      </label>
      {type?.schemas && (
        <details class="payload">
          <summary aria-label={words.types.payloadOf(name)}>{words.types.payload}</summary>
          <TypeDetails type={type} />
        </details>
      )}
    </>
  );
}
