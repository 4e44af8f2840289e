/** One condition of a filter; it takes effect when it is left, or on Enter. */
export function Field({
  name,
  value,
  set,
  placeholder = "any",
}: {
  readonly name: string;
  readonly value: string | undefined;
  readonly set: (value: string) => void;
  readonly placeholder?: string;
}) {
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
