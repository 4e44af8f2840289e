import { go, href } from "../../kit/router.ts";
import type { Endpoint } from "../answers.ts";
import { Form } from "../controls.tsx";
import { Heading } from "../heading.tsx";
import { api, own, session } from "../session.ts";
import { words } from "../words.ts";
import { useEndpointFields } from "./endpoint-fields.tsx";

export function NewEndpoint() {
  const { fields, controls, isComplete } = useEndpointFields({
    ...{ url: "", description: "" },
    event_types: session.value?.event_types ?? null,
  });
  const create = async () => {
    const made = await api.send<Endpoint>("POST", own("/endpoints"), fields);
    go(`/endpoints/${made.endpoint_id}`);
  };
  return (
    <>
      <p>
        <a href={href("/")}>← {words.pages.endpoints}</a>
      </p>
      <Heading text={words.fields.title} />
      <Form label={words.fields.add} disabled={!isComplete} act={create}>
        {controls}
      </Form>
    </>
  );
}
