import { useLoaded } from "../../kit/loaded.ts";
import type { Endpoint, Page } from "../answers.ts";
import { Heading } from "../heading.tsx";
import { api, own } from "../session.ts";
import { words } from "../words.ts";
import { Deliveries } from "./deliveries.tsx";

/** The list of a tenant's attempts is of as many, the newest. */
const MOST_ENDPOINTS = 100;

/** What was sent to any of the endpoints. */
export function AllDeliveries() {
  const { value } = useLoaded("endpoints", () =>
    api.get<Page<Endpoint>>(own(`/endpoints?limit=${MOST_ENDPOINTS}`)),
  );
  const urls = new Map(value?.data.map(({ endpoint_id, url }) => [endpoint_id, url]));
  return (
    <>
      <Heading text={words.pages.deliveries} />
      <Deliveries path={own("/attempts")} urls={urls} none={words.deliveries.noneAnywhere} />
      {value?.next_cursor && <p class="muted">{words.deliveries.ofNewest(MOST_ENDPOINTS)}</p>}
    </>
  );
}
