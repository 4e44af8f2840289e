import { useLoaded } from "../kit/loaded.ts";
import type { Endpoint, Page } from "./answers.ts";
import { Deliveries } from "./deliveries.tsx";
import { api, own } from "./session.ts";
import { words } from "./words.ts";

/** What was sent to any of the endpoints. */
export function AllDeliveries() {
  const { value } = useLoaded("endpoints", () => api.get<Page<Endpoint>>(own("/endpoints?limit=100")));
  const urls = new Map(value?.data.map(({ endpoint_id, url }) => [endpoint_id, url]));
  return (
    <>
      <h1>{words.pages.deliveries}</h1>
      <Deliveries path={own("/attempts")} urls={urls} none={words.deliveries.noneAnywhere} />
    </>
  );
}
