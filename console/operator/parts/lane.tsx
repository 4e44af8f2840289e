import { Mono, pageAt } from "./marks.tsx";

const OF_ENDPOINT = /^(app_[^/]+)\/(ep_[^/]+)$/;

/** What jobs take turns by: an endpoint's is its page's link. */
export function Lane({ of }: { readonly of: string }) {
  if (of === "") return <span class="faint">in several lanes</span>;
  const [, tenant, endpoint] = OF_ENDPOINT.exec(of) ?? [];
  if (tenant === undefined || endpoint === undefined) return <Mono>{of}</Mono>;
  return (
    <a class="mono" href={pageAt("endpoints", tenant, endpoint)} title={of}>
      {endpoint}
    </a>
  );
}
