import { useState } from "preact/hooks";
import { zone } from "../live/settings.ts";
import { atInput, ofInput } from "../rules/times.ts";

interface FieldProps {
  readonly name: string;
  readonly value: string | undefined;
  readonly set: (value: string) => void;
  readonly placeholder?: string;
}

/** One condition of a filter; it takes effect when it is left, or on Enter. */
export function Field({ name, value, set, placeholder = "any" }: FieldProps) {
  // kept while it is being typed: the page around may be drawn again at any time, with the value that is still in effect
  const [typed, setTyped] = useState<string>();
  return (
    <label>
      {name}
      <input
        value={typed ?? value ?? ""}
        placeholder={placeholder}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          setTyped(undefined);
          set(event.currentTarget.value.trim());
        }}
      />
    </label>
  );
}

/** A moment in the zone that times are shown in; the address holds it as RFC 3339, so that it means the same to everybody. */
export function MomentField({ name, value, set }: FieldProps) {
  const isUtc = zone() === "UTC";
  const [typed, setTyped] = useState<string>();
  const given = value === undefined ? "" : atInput(Date.parse(value), isUtc);
  return (
    <label>
      {name}
      <input
        type="datetime-local"
        value={typed ?? given}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => {
          setTyped(undefined);
          set(ofInput(event.currentTarget.value, isUtc));
        }}
      />
    </label>
  );
}
