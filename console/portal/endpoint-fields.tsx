import { useState } from "preact/hooks";
import type { Endpoint } from "./answers.ts";
import { EventTypePicker } from "./event-type-picker.tsx";

/** What of an endpoint its customer decides. */
export interface Fields {
  readonly url: string;
  readonly description: string;
  readonly event_types: Endpoint["event_types"];
}

/** The fields of an endpoint as they are being typed, and the controls to type them into. */
export function useEndpointFields(first: Fields) {
  const { url, description, event_types } = first;
  const [fields, setFields] = useState<Fields>({ url, description, event_types });
  const set = (change: Partial<Fields>) => setFields((last) => ({ ...last, ...change }));
  const controls = (
    <>
      <label>
        <span>Address</span>
        <input
          type="url"
          required
          placeholder="https://example.com/webhooks"
          value={fields.url}
          onInput={({ currentTarget }) => set({ url: currentTarget.value })}
        />
      </label>
      <label>
        <span>Description</span>
        <input
          maxLength={1_000}
          value={fields.description}
          onInput={({ currentTarget }) => set({ description: currentTarget.value })}
        />
      </label>
      <EventTypePicker chosen={fields.event_types} choose={(types) => set({ event_types: types })} />
    </>
  );
  const isComplete = fields.url.trim() !== "" && fields.event_types?.length !== 0;
  return { fields: { ...fields, url: fields.url.trim() }, controls, isComplete };
}
