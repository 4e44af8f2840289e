import { useId, useState } from "preact/hooks";
import { jsonOf, type Kinds, NOT_SHOWN, type Part, typedOf } from "../../rules/endpoint-kinds.ts";

interface KindFieldsProps {
  /** Of the form's field, which holds JSON. */
  readonly name: string;
  readonly label: string;
  /** What no kind means. */
  readonly none: string;
  readonly kinds: Kinds;
  /** JSON, without its secrets. */
  readonly first: string;
  readonly problem: string | undefined;
}

/** A select of the kind, and the fields of that kind. */
export function KindFields({ name, label, none, kinds, first, problem }: KindFieldsProps) {
  const { by, of } = kinds;
  const [before] = useState(() => typedOf(first));
  const [kind, setKind] = useState(before[by] ?? "");
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const known = kind === before[by] ? before : {};
  const values = { ...known, ...typed, [by]: kind };
  const told = `endpoint-${name}-problem`;
  return (
    <div class="stack">
      <label>
        {label}
        <select
          data-for={name}
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value)}
          {...(problem !== undefined && { "aria-invalid": true, "aria-describedby": told })}
        >
          <option value="">{none}</option>
          {Object.entries(of).map(([each, { label: called }]) => (
            <option key={each} value={each}>
              {called}
            </option>
          ))}
        </select>
      </label>
      {of[kind]?.parts.map((part) => (
        <PartField
          key={`${kind} ${part.name}`}
          part={part}
          value={values[part.name] ?? ""}
          set={(value) => {
            const isKept = value === "" && part.is === "secret" && known[part.name] === NOT_SHOWN;
            setTyped({ ...typed, [part.name]: isKept ? NOT_SHOWN : value });
          }}
        />
      ))}
      <input type="hidden" name={name} value={jsonOf(kinds, values)} />
      {problem !== undefined && (
        <p id={told} class="error">
          {problem}
        </p>
      )}
    </div>
  );
}

interface PartFieldProps {
  readonly part: Part;
  readonly value: string;
  set(value: string): void;
}

function PartField({ part: { label, is, isOptional }, value, set }: PartFieldProps) {
  const onInput = (event: { readonly currentTarget: { readonly value: string } }) =>
    set(event.currentTarget.value);
  const id = useId();
  const attributes = { id, value, onInput, ...(isOptional && { placeholder: "none" }) };
  return (
    <label htmlFor={id}>
      {label}
      {typeof is !== "string" ? (
        <select id={id} value={value || is[0]} onChange={onInput}>
          {is.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : is === "secret" ? (
        <input
          id={id}
          type="password"
          autocomplete="new-password"
          value={value === NOT_SHOWN ? "" : value}
          placeholder={value === NOT_SHOWN ? "set; not shown" : ""}
          onInput={onInput}
        />
      ) : is === "text" ? (
        <input {...attributes} spellcheck={false} />
      ) : (
        <textarea {...attributes} rows={3} spellcheck={false} />
      )}
    </label>
  );
}
