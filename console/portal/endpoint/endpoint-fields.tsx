import { useState } from "preact/hooks";
import type { Endpoint } from "../answers.ts";
import { EventTypePicker } from "../event-types/event-type-picker.tsx";
import { addressFault } from "../rules/address-fault.ts";
import { words } from "../words.ts";

/** What the customer decides of an endpoint. */
export interface Fields {
  readonly url: string;
  readonly description: string;
  readonly event_types: Endpoint["event_types"];
}

/** The fields of an endpoint as they are being typed, and the controls to type them into. @param isOwn otherwise only the description may be changed. */
export function useEndpointFields(first: Fields, isOwn = true) {
  const { url, description, event_types } = first;
  const [fields, setFields] = useState<Fields>({ url, description, event_types });
  const set = (change: Partial<Fields>) => setFields((last) => ({ ...last, ...change }));
  const [isLeft, setLeft] = useState(false);
  const typed = fields.url.trim();
  const fault = addressFault(typed, isLeft);
  const controls = (
    <>
      <label>
        <span>{words.fields.url}</span>
        <input
          type="url"
          required
          disabled={!isOwn}
          placeholder="https://example.com/webhooks"
          value={fields.url}
          aria-invalid={fault !== undefined}
          onInput={({ currentTarget }) => {
            setLeft(false);
            set({ url: currentTarget.value });
          }}
          onBlur={() => setLeft(true)}
        />
        {fault && (
          <span class="problem" role="alert">
            {words.fields[fault]}
          </span>
        )}
      </label>
      <label>
        <span>{words.fields.description}</span>
        <input
          maxLength={1_000}
          dir="auto"
          value={fields.description}
          onInput={({ currentTarget }) => set({ description: currentTarget.value })}
        />
      </label>
      {isOwn && (
        <EventTypePicker chosen={fields.event_types} choose={(types) => set({ event_types: types })} />
      )}
    </>
  );
  const isComplete =
    !isOwn || (typed !== "" && addressFault(typed, true) === undefined && fields.event_types?.length !== 0);
  return { fields: { ...fields, url: typed }, controls, isComplete };
}
