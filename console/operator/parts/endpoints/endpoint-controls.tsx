import { AUTH, VERIFICATION } from "../../rules/endpoint-kinds.ts";
import type { EndpointTexts, TextName, TextProblems } from "../../rules/endpoint-texts.ts";
import { KindFields } from "./kind-fields.tsx";

interface EndpointControlsProps {
  readonly first: EndpointTexts;
  readonly problems: TextProblems;
}

/** What a person sets of an endpoint. */
export function EndpointControls({ first, problems }: EndpointControlsProps) {
  const text = (name: TextName, label: string, hint: string, rows?: number) => (
    <Text {...{ name, label, hint, rows }} first={first[name]} problem={problems[name]} />
  );
  return (
    <>
      {text("url", "URL", "https://acme.example/hooks")}
      {text("description", "Description", "for people to read")}
      {text("event_types", "Event types, separated by commas", "every type")}
      {text("channels", "Channels, separated by commas", "events with any, or none")}
      {text("filter", "Payload filter, as JSON", "none", 4)}
      <div class="two even">
        {text("timeout", "Timeout per attempt", "15s")}
        {text("attempts", "Attempts", "10")}
      </div>
      {text(
        "delays",
        "Pauses before attempts 2, 3, …; the last one repeats",
        "growing, over about three days",
      )}
      <div class="two even">
        {text("uid", "Your own id", "none")}
        {text("egress", "Egress proxy", "the default route")}
      </div>
      {text("metadata", "Metadata, as JSON", "none", 3)}
      {text("headers", "Custom headers, one per line", "x-team: billing", 3)}
      <KindFields
        {...{ name: "auth", label: "Authentication besides the signature", none: "none", kinds: AUTH }}
        first={first.auth}
        problem={problems.auth}
      />
      <p class="faint">
        Values of headers and secrets are stored encrypted and never shown. To change one, enter all of them
        again.
      </p>
      <KindFields
        {...{ name: "verification", label: "How it confirms that it wants events", none: "not required" }}
        kinds={VERIFICATION}
        first={first.verification}
        problem={problems.verification}
      />
      <label>
        Signature headers
        <select name="header_style">
          {["webhook", "svix", "both"].map((style) => (
            <option key={style} selected={style === first.header_style}>
              {style}
            </option>
          ))}
        </select>
      </label>
      <label>
        <input name="sends_event_type" type="checkbox" defaultChecked={first.sends_event_type === "on"} />
        <span>Send the event's type in the header webhook-event-type</span>
      </label>
    </>
  );
}

interface TextProps {
  readonly name: TextName;
  readonly label: string;
  /** What an empty field stands for. */
  readonly hint: string;
  readonly first: string;
  readonly rows: number | undefined;
  readonly problem: string | undefined;
}

function Text({ name, label, hint, first, rows, problem }: TextProps) {
  const [id, told] = [`endpoint-${name}`, `endpoint-${name}-problem`];
  const attributes = {
    ...{ id, name, placeholder: hint, defaultValue: first, spellcheck: false, required: name === "url" },
    ...(problem !== undefined && { "aria-invalid": true, "aria-describedby": told }),
  };
  return (
    <div>
      <label htmlFor={id}>
        {label}
        {rows === undefined ? <input {...attributes} /> : <textarea {...attributes} rows={rows} />}
      </label>
      {problem !== undefined && (
        <p id={told} class="error">
          {problem}
        </p>
      )}
    </div>
  );
}
