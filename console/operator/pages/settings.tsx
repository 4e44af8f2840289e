import type { Signal } from "@preact/signals";
import { density, LOCAL, shortcuts, theme, timeZone } from "../live/settings.ts";
import { Head } from "../parts/marks.tsx";

const ZONES = { local: `of this browser (${LOCAL})`, utc: "UTC" };

/** How this browser shows things. */
export function Settings() {
  return (
    <>
      <Head title="Settings" note="Kept in this browser." />
      <div class="card stack">
        <Choice name="Theme" of={theme} among={["auto", "light", "dark"]} />
        <Choice name="Times" of={timeZone} among={["local", "utc"]} told={ZONES} />
        <Choice name="Rows of lists" of={density} among={["roomy", "compact"]} />
        <Choice name="Keyboard shortcuts" of={shortcuts} among={["on", "off"]} />
      </div>
    </>
  );
}

function Choice<Value extends string>({
  name,
  of,
  among,
  told,
}: {
  readonly name: string;
  readonly of: Signal<Value>;
  readonly among: readonly Value[];
  /** In words. Default: as they are. */
  readonly told?: Readonly<Record<Value, string>>;
}) {
  return (
    <fieldset>
      <legend>{name}</legend>
      {among.map((value) => (
        <label key={value} class="choice">
          <input
            type="radio"
            name={name}
            checked={of.value === value}
            onChange={() => {
              of.value = value;
            }}
          />
          {told?.[value] ?? value}
        </label>
      ))}
    </fieldset>
  );
}
