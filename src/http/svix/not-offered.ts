/** Operations of Svix's clients that are not offered here: by path, their name and what to do instead. */
interface NotOffered {
  readonly path: RegExp;
  readonly operation: string;
  readonly instead: string;
}

const NO_TRANSFORMATIONS =
  "there are no transformations; shape the payload before it is sent, or filter it (docs/filters.md)";
const NO_STREAMS = "there are no streams; register an endpoint";
const OWN_API = "use Posthorn's own API";

const NOT_OFFERED: readonly NotOffered[] = [
  { path: /^\/auth\/(.+)$/, operation: "v1.authentication", instead: NO_STREAMS },
  {
    path: /^\/app\/[^/]+\/endpoint\/[^/]+\/(transformation)(\/.*)?$/,
    operation: "v1.endpoint.$1",
    instead: NO_TRANSFORMATIONS,
  },
  {
    path: /^\/app\/[^/]+\/(poller)\/.+$/,
    operation: "v1.message.$1",
    instead: "list messages with an iterator",
  },
  {
    path: /^\/app\/[^/]+\/(integration)(\/.*)?$/,
    operation: "v1.$1",
    instead: "make API keys with `posthorn keys create --tenant`",
  },
  {
    path: /^\/event-type\/import\/openapi$/,
    operation: "v1.event-type.import-openapi",
    instead: "create event types one by one",
  },
  { path: /^\/stats\/(.+)$/, operation: "v1.statistics", instead: OWN_API },
  {
    path: /^\/environment\/(export|import)$/,
    operation: "v1.environment.$1",
    instead: "use `posthorn export` and `posthorn import`",
  },
  {
    path: /^\/(stream|streaming|connector|destination|autoconfig|ingest|sink)(\/.*)?$/,
    operation: "v1.$1",
    instead: NO_STREAMS,
  },
  {
    path: /^\/app\/[^/]+\/(autoconfig|connector|destination)(\/.*)?$/,
    operation: "v1.$1",
    instead: NO_STREAMS,
  },
];

/** The answer for a path that is not implemented here; undefined if Svix has no such path either. */
export function notOffered(path: string): string | undefined {
  for (const { path: pattern, operation, instead } of NOT_OFFERED) {
    const [whole] = pattern.exec(path) ?? [];
    if (whole !== undefined) return `${whole.replace(pattern, operation)} is not offered here: ${instead}`;
  }
  return undefined;
}
