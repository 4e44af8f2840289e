import { useEffect, useState } from "preact/hooks";
import { ApiError } from "./api.ts";

export interface Loaded<Value> {
  readonly value: Value | undefined;
  readonly error: ApiError | undefined;
  /** Loads it again; what is shown stays until then. */
  reload(): void;
}

/** What `load` gives, loaded again whenever `key` changes. */
export function useLoaded<Value>(key: string, load: () => Promise<Value>): Loaded<Value> {
  const [state, setState] = useState<Pick<Loaded<Value>, "value" | "error"> & { readonly key: string }>({
    key,
    value: undefined,
    error: undefined,
  });
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (value) => isCurrent && setState({ key, value, error: undefined }),
      (thrown) =>
        isCurrent &&
        setState((old) => ({ key, value: old.key === key ? old.value : undefined, error: asError(thrown) })),
    );
    return () => {
      isCurrent = false;
    };
  }, [key, round]);
  const isOfKey = state.key === key;
  return {
    value: isOfKey ? state.value : undefined,
    error: isOfKey ? state.error : undefined,
    reload: () => setRound((last) => last + 1),
  };
}

export function asError(thrown: unknown): ApiError {
  return thrown instanceof ApiError ? thrown : new ApiError(String(thrown), 0);
}
