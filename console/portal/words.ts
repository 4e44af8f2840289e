interface Rate {
  readonly limit: number;
  readonly per: string;
}

/** All that the portal says, in the order in which it shows it: to say it in another language, this is the file. Times and numbers are Intl's. */
export const words = {
  title: "Webhooks",
  pages: {
    label: "Pages",
    endpoints: "Endpoints",
    deliveries: "Deliveries",
    types: "Event types",
    verify: "Verify",
  },
  over: {
    title: "This session is over",
    todo: "Go back to where you came from, and open this page again.",
  },
  noView: {
    title: "There is nothing to see in this session",
    todo: "It was created without the right to look at endpoints. Ask for another link.",
  },
  common: {
    copy: "Copy",
    copied: "Copied",
    keep: "Keep it",
    leave: "Leave it",
    loading: "Loading…",
    more: "Show more",
  },
  notLoaded: {
    endpoints: "The endpoints could not be loaded",
    endpoint: "The endpoint could not be loaded",
    deliveries: "The deliveries could not be loaded",
    types: "The event types could not be loaded",
    changes: "The changes could not be loaded",
  },
  endpoints: {
    add: "Add an endpoint",
    none: "No endpoints yet",
    what: "An endpoint is a URL of yours that we send events to as they happen.",
    allEvents: "All events",
    noneOfThese: "None of the events shown here",
    last: "last delivered",
    lately: (succeeded: number, n: number) => `${succeeded} of the last ${n} deliveries succeeded`,
    nothingYet: "nothing delivered yet",
    waiting: (n: string) => `${n} waiting`,
  },
  state: {
    active: "Active",
    paused: "Paused",
    disabled: "Disabled",
    unreachable: "Not reached",
    waits: "deliveries wait until one succeeds; none is lost",
    failing: "Failing",
    triedAgain: "tried again",
  },
  stopped: {
    disabled: "This endpoint is disabled",
    paused: "This endpoint is paused",
    since: "since",
    missed: (n: number, isMore: boolean) =>
      n === 1
        ? "One event was not sent to it meanwhile."
        : `${n}${isMore ? " or more" : ""} events were not sent to it meanwhile.`,
    missedNone: "No events have been missed so far.",
    waits: "Events for it wait, and are sent once it is resumed.",
    enable: "Enable",
    resume: "Resume",
    recover: "Enable, and send what it missed",
    recovering: "It is enabled. What it missed is sent in a moment.",
    notRecovering: (why: string) => `It is enabled. What it missed is not sent: ${why}`,
  },
  endpoint: {
    of: "About this endpoint",
    tabs: {
      deliveries: "Deliveries",
      try: "Try it",
      secret: "Secret",
      settings: "Settings",
      activity: "Activity",
    },
    getsOthers:
      "This endpoint also gets events that you do not see here, so you cannot change how they are sent to it.",
  },
  lastDay: {
    label: "The last 24 hours, by hour",
    told: (succeeded: number, retried: number, failed: number) => {
      const parts = [
        [succeeded, "delivered"],
        [retried, "failed and tried again"],
        [failed, "given up"],
      ] as const;
      const told = parts.filter(([n]) => n > 0).map(([n, what]) => `${n.toLocaleString()} ${what}`);
      return told.length === 0 ? "" : `In the last 24 hours: ${told.join(", ")}`;
    },
  },
  fields: {
    title: "Add an endpoint",
    url: "Address",
    description: "Description",
    events: "Events",
    all: "All, including those added later",
    some: "Only these",
    add: "Add it",
    save: "Save",
    saved: "Saved.",
    notHttps: "It has to start with https://",
    notAddress: "This is not a complete address, such as https://example.com/webhooks.",
    withPassword: "A user or password in the address is not allowed.",
    noEvents: "Choose at least one type of events.",
  },
  headers: {
    title: "Headers of your own",
    none: "Deliveries have no extra headers.",
    some: (names: readonly string[]) => `Deliveries have ${names.join(", ")}.`,
    change: "Change them",
    lines: "One per line",
    hint: "x-team: billing",
    told: "These replace all existing ones. Their values are stored encrypted and never shown.",
    wrong: (n: number) => (n === 1 ? "One line has no value." : `${n} lines have no value.`),
  },
  limits: {
    title: "Limits",
    told: (
      atOnce: number | undefined,
      rate: Rate | undefined,
      isOrdered: boolean,
      timeout: string | null,
    ) => {
      const parts = [
        isOrdered ? "one delivery at a time, in order" : "",
        atOnce === undefined ? "" : `${atOnce} at once`,
        rate ? `${rate.limit} per ${rate.per}` : "",
        timeout === null ? "" : `answers within ${timeout}`,
      ].filter((part) => part !== "");
      return parts.length === 0 ? "Deliveries are not limited." : `Limited to ${parts.join(", ")}.`;
    },
    change: "Change the limits",
    none: "no limit",
    atOnce: "Deliveries at once",
    rate: "Deliveries in a span of time",
    per: "Per",
    spans: { second: "second", minute: "minute", hour: "hour" },
    timeout: "Time for an answer",
    timeoutHint: "such as 15s",
    ordered: "One at a time, in the order in which events happen",
  },
  status: {
    title: "Status",
    active:
      "A paused endpoint gets what it missed once it is resumed. A disabled one misses whatever happens in the meantime.",
    stopped: "Nothing is sent to it now.",
    pause: "Pause",
    disable: "Disable",
    disableAsked: "Disable this endpoint?",
    disableTold:
      "Events that happen while it is disabled are not sent to it. When you enable it again, you can have them sent.",
    disableNow: "Disable it",
    delete: "Delete",
    deleteAsked: "Delete this endpoint?",
    deleteTold: (url: string) => `Nothing more is sent to ${url}, including what is waiting now.`,
    deleteNow: "Delete it",
  },
  deliveries: {
    all: "All",
    succeeded: "Succeeded",
    failed: "Failed",
    anyType: "Every event type",
    ofType: "Event type",
    refresh: "Refresh",
    none: "Nothing here",
    noneYet: "Nothing has been sent to this endpoint yet.",
    noneAnywhere:
      "Nothing has been sent yet. Deliveries and their answers appear here as soon as something happens.",
    noneThat: "No delivery matches.",
    ofNewest: (n: number) => `Of more than ${n} endpoints, these are the deliveries to the ${n} newest.`,
    sent: "sent",
    noAnswer: "no answer",
    erased: "(erased)",
    event: "Event",
    endpoint: "Endpoint",
    attempt: "Attempt",
    attemptTold: (n: number, took: string) => `number ${n}, ${took}`,
    wrong: "What went wrong",
    answer: "Your answer",
    again: "Send it again",
    isAgain: "It will be sent again.",
    isUnderWay: "It has arrived by now, or is just being sent. Refresh the list.",
  },
  request: {
    title: "Request",
    told: "As it would be sent now. Each attempt has a timestamp and a signature of its own.",
    notShown: "The request cannot be shown",
    hidden: "not shown",
    body: "Body",
    whole: "Show all of it",
  },
  replay: {
    ask: "Send again…",
    title: "Send again",
    what: "What",
    whats: { failed: "what failed", missing: "what it never got", all: "everything" },
    since: "Since",
    sinces: { "1h": "the last hour", "24h": "the last day", "168h": "the last week" },
    told: "Events keep their webhook-id, so you can recognise what you have handled already.",
    send: "Send",
    isSent: "It starts in a moment.",
  },
  trial: {
    told: "Sends an example to your endpoint now, signed like any delivery. It does not count as a success or a failure.",
    type: "Event type",
    any: "Any",
    send: "Send an example",
  },
  secret: {
    told: "Every delivery is signed with this secret, so you can verify that it comes from us.",
    how: "How to verify it",
    show: "Show",
    publicKey: "Public key",
    replace: "Replace it",
    asked: "Replace the secret?",
    askedTold:
      "For 24 hours every delivery is signed with both the new secret and the old one. Within that time, configure the new one where your endpoint verifies signatures.",
    since: "In use since",
    both: "Deliveries are also signed with the old secret until",
  },
  activity: {
    none: "No changes yet",
    older: "Older changes are not kept.",
    automatically: "automatically",
    here: "in this portal",
    byUs: "by us",
    nothing: "none",
    hidden: "set, not shown",
    replaced: "replaced",
    fields: {
      url: "Address",
      description: "Description",
      event_types: "Events",
      headers: "Headers",
      secrets: "Secret",
      status: "Status",
      status_reason: "Reason",
      limits: "Limits",
      timeout: "Time for an answer",
    },
  },
  types: {
    none: "No event types have been described yet",
    deprecated: "deprecated",
    example: "Example",
    schema: "Schema",
    unknown: "Its payload is not described.",
    payload: "Payload",
    payloadOf: (type: string) => `Payload of ${type}`,
    only: (n: number) => `Only the first ${n.toLocaleString()} event types are shown.`,
  },
  verify: {
    title: "Verify deliveries",
    headers: "Each request carries",
    as: "as",
    describes:
      "describes them. Verify the body exactly as it arrived, before you parse it, with the endpoint's secret. The same",
    twice: "may arrive more than once: handle it once.",
  },
  check: {
    title: "Why does a request not verify?",
    told: "Paste it as it arrived. It is checked in this browser and sent nowhere.",
    headers: "Headers",
    headersHint: "webhook-id: msg_…\nwebhook-timestamp: 1893456000\nwebhook-signature: v1,…",
    body: "Body",
    secret: "The endpoint's secret",
    check: "Check",
    genuine: "It is genuine.",
    verdicts: {
      no_headers: "The headers webhook-id, webhook-timestamp and webhook-signature are not all present.",
      no_timestamp: "webhook-timestamp is not a number of seconds.",
      no_secret: "The secret is not one of ours: those start with whsec_, followed by base64.",
      no_v1:
        "webhook-signature has no v1 signature. Signatures with a public key (v1a) cannot be checked here.",
      line_end:
        "It is genuine except for a line break at the end of the body. Verify the body as it arrived, byte for byte.",
      reformatted:
        "It is genuine except for spaces in the body: it was parsed and serialized again before it was verified. Verify the body as it arrived.",
      other:
        "The signature does not match. Either the secret belongs to another endpoint or was replaced, or the id, time or body is not what was sent.",
      no_crypto: "This browser can only check signatures on a page that is served over HTTPS.",
    },
    old: (age: string) =>
      `It was sent ${age}: libraries refuse anything older than five minutes, so that nobody can replay it later.`,
  },
} as const;
