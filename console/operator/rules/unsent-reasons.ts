/** Why an endpoint does not get an event, as the rest of "endpoint …". */
export const REASONS: Readonly<Record<string, string>> = {
  disabled: "disabled",
  type: "asking for other types",
  channel: "with other channels",
  filter: "with a filter that it does not match",
  not_json: "with a filter, which needs JSON",
  archived: "because this type is archived",
};

/** The same of one endpoint, as a sentence. */
export const WHY: Readonly<Record<string, string>> = {
  disabled: "It was disabled",
  type: "It asks for other types",
  channel: "It has channels, and none of the event's",
  filter: "Its filter did not let it through",
  not_json: "Its filter needs JSON",
  archived: "The type was archived",
  too_old: "The endpoint was created later",
  being_sent: "Its deliveries are still being created",
  unrecorded: "No delivery and no reason is kept",
};

/** What an endpoint did not get although it may seem to ask for it. */
export const SURPRISING = "disabled,filter,not_json,archived,unrecorded";
