import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { beat, second } from "./beat.ts";
import { api } from "./server.ts";

/** What the server said last; while it cannot be reached, that stays, with the reason. */
export interface Asked<Answer> {
  readonly data: Answer | undefined;
  readonly error: Error | undefined;
  /** Asks now. */
  again(): void;
}

interface AskedOptions<Answer> {
  /** Asks again each second while this is true, and not only when there is news. */
  readonly eachSecondWhile?: (data: Answer | undefined) => boolean;
  /** Asks once only. */
  readonly once?: boolean;
}

/** An answer of the API that is kept up to date. @param path null for nothing to ask. */
export function useAsked<Answer>(path: string | null, options: AskedOptions<Answer> = {}): Asked<Answer> {
  return useAnswer(path, (of, signal) => api.get<Answer>(of, signal), options);
}

/** The same as a string. */
export function useAskedText(path: string | null): Asked<string> {
  return useAnswer(path, (of, signal) => api.text(of, { signal }), { once: true });
}

function useAnswer<Answer>(
  path: string | null,
  get: (path: string, signal: AbortSignal) => Promise<Answer>,
  { eachSecondWhile, once }: AskedOptions<Answer>,
): Asked<Answer> {
  const [state, setState] = useState<Omit<Asked<Answer>, "again"> & { readonly path: string | null }>({
    path,
    data: undefined,
    error: undefined,
  });
  const asking = useRef<AbortController | undefined>(undefined);
  const latest = useRef(state.data);

  const again = () => {
    if (path === null) return;
    asking.current?.abort();
    const controller = new AbortController();
    asking.current = controller;
    get(path, controller.signal).then(
      (data) => {
        if (controller.signal.aborted) return;
        asking.current = undefined;
        latest.current = data;
        setState({ path, data, error: undefined });
      },
      (error: unknown) => {
        if (controller.signal.aborted) return;
        asking.current = undefined;
        setState((before) => ({
          ...before,
          path,
          error: error instanceof Error ? error : new Error(String(error)),
        }));
      },
    );
  };
  const asked = useRef(again);
  asked.current = again;

  useEffect(() => {
    latest.current = undefined;
    setState({ path, data: undefined, error: undefined });
    asked.current();
    return () => asking.current?.abort();
  }, [path]);
  useSignalEffect(() => {
    if (beat.value > 0 && !(once && latest.current !== undefined) && !asking.current) asked.current();
  });
  useSignalEffect(() => {
    if (second.value > 0 && eachSecondWhile?.(latest.current) && !asking.current) asked.current();
  });
  return state.path === path ? { ...state, again } : { data: undefined, error: undefined, again };
}
