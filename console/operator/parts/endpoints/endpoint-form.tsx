import { useRef, useState } from "preact/hooks";
import { ApiError } from "../../../kit/api.ts";
import { asError } from "../../../kit/loaded.ts";
import {
  bodyOf,
  changedTexts,
  type EndpointTexts,
  TEXTS,
  type TextProblems,
  textProblems,
  toldAt,
} from "../../rules/endpoint-texts.ts";
import { Loading, Trouble } from "../marks.tsx";
import { EndpointControls } from "./endpoint-controls.tsx";

interface EndpointFormOptions {
  /** What the fields hold at first, and what they would hold now: somebody else may have changed it meanwhile. */
  load(): Promise<EndpointTexts>;
  /** @param body JSON: what was changed. */
  send(body: string): Promise<unknown>;
  /** Names of other fields in the form, which are sent in any case. */
  readonly also?: readonly string[];
}

/** A form for an endpoint in a dialog. It sends only what was changed in it, and tells what is wrong at the field. */
export function useEndpointForm({ load, send, also = [] }: EndpointFormOptions) {
  const [first, setFirst] = useState<EndpointTexts>();
  const [problems, setProblems] = useState<TextProblems>({});
  const [error, setError] = useState<Error>();
  const fields = useRef<HTMLDivElement>(null);

  const opened = () => {
    setFirst(undefined);
    setProblems({});
    setError(undefined);
    load().then(setFirst, (thrown: unknown) => setError(asError(thrown)));
  };
  const mark = (found: TextProblems, message: string) => {
    setProblems(found);
    const name = TEXTS.find((each) => found[each] !== undefined);
    fields.current
      ?.querySelector<HTMLElement>(`[name="${name}"]:not([type="hidden"]), [data-for="${name}"]`)
      ?.focus();
    return new Error(message);
  };
  const act = async (given: FormData) => {
    if (!first) return;
    const texts = textsIn(given);
    const changed = changedTexts(first, texts);
    const wrong = textProblems(texts, changed);
    if (Object.keys(wrong).length > 0) throw mark(wrong, "Nothing was changed: see the fields in red.");
    setProblems({});
    if (changed.length === 0 && also.length === 0) return;
    const now = await load();
    const overtaken = changedTexts(first, now).filter((name) => changed.includes(name));
    if (overtaken.length > 0) {
      setFirst(now);
      const told = overtaken.map((name) => [
        name,
        `was changed by somebody else, to ${now[name] || "nothing"}`,
      ]);
      throw mark(
        Object.fromEntries(told),
        "Nothing was changed yet. Save again to replace what somebody else wrote.",
      );
    }
    const more = also.map((name) => [name, String(given.get(name))] as const);
    await send(bodyOf(texts, changed, more)).catch((thrown: unknown) => {
      const found = problemsIn(thrown, texts);
      throw found ? mark(found, "Nothing was changed: see the fields in red.") : thrown;
    });
  };
  const children = first ? (
    <div ref={fields} class="stack">
      <EndpointControls first={first} problems={problems} />
    </div>
  ) : error ? (
    <Trouble error={error} />
  ) : (
    <Loading />
  );
  return { opened, act, children, isReady: first !== undefined };
}

/** What the server refused, by field; undefined if it is about something else as well. */
function problemsIn(thrown: unknown, texts: EndpointTexts): TextProblems | undefined {
  const fields = thrown instanceof ApiError ? thrown.fields : [];
  const told = fields.map(({ pointer = "", detail }) => toldAt(pointer, detail, texts));
  const known = told.filter((each) => each !== undefined);
  return known.length === 0 || known.length < told.length ? undefined : Object.fromEntries(known);
}

function textsIn(given: FormData): EndpointTexts {
  return Object.fromEntries(TEXTS.map((name) => [name, String(given.get(name) ?? "")])) as EndpointTexts; // each of them is there
}
