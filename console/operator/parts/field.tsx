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
  return (
    <label>
      {name}
      <input
        value={value ?? ""}
        placeholder={placeholder}
        onChange={(event) => set(event.currentTarget.value.trim())}
      />
    </label>
  );
}

/** A moment in the zone that times are shown in; the address holds it as RFC 3339, so that it means the same to everybody. */
export function MomentField({ name, value, set }: FieldProps) {
  const isUtc = zone() === "UTC";
  return (
    <label>
      {name}
      <input
        type="datetime-local"
        value={value === undefined ? "" : atInput(Date.parse(value), isUtc)}
        onChange={(event) => set(ofInput(event.currentTarget.value, isUtc))}
      />
    </label>
  );
}
