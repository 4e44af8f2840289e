import { useState } from "preact/hooks";
import type { EndpointAnswer } from "../../../../src/http/schemas/endpoint.ts";
import { refusal } from "../../../kit/api.ts";
import { Problem } from "../../../kit/problem.tsx";
import { api } from "../../live/server.ts";
import { Field } from "../field.tsx";
import { tenantOf } from "../finder.tsx";
import { useQuery } from "../query.ts";

/** Where the API has an endpoint. */
export function endpointAt(tenant: string, endpoint: string): string {
  return `/tenants/${encodeURIComponent(tenant)}/endpoints/${encodeURIComponent(endpoint)}`;
}

/** Takes an endpoint by its id, or as `tenant/endpoint` by their ids or uids. The address holds the ids, with which lists can be asked. */
export function EndpointField() {
  const { query, change } = useQuery();
  const { tenant, endpoint } = query;
  const [problem, setProblem] = useState<string>();
  const set = async (text: string) => {
    setProblem(undefined);
    if (text === "") return change({ tenant: undefined, endpoint: undefined, cursor: undefined });
    const [of, id] = text.includes("/") ? text.split("/", 2) : [await tenantOf(text), text];
    if (!of || !id) return setProblem("Enter it as tenant/endpoint.");
    try {
      const found = await api.get<EndpointAnswer>(endpointAt(of, id));
      change({ tenant: found.tenant, endpoint: found.endpoint_id, task: undefined, cursor: undefined });
    } catch (error) {
      setProblem(refusal(error));
    }
  };
  return (
    <>
      <Field
        name="Endpoint"
        value={tenant && endpoint ? `${tenant}/${endpoint}` : undefined}
        placeholder="tenant/endpoint"
        set={(text) => void set(text)}
      />
      <Problem text={problem} />
    </>
  );
}
