import { useEffect, useRef, useState } from "preact/hooks";
import { asError } from "../kit/loaded.ts";
import type { Page } from "./answers.ts";
import { api } from "./session.ts";

export interface Pages<Row> {
  /** Undefined until the first page is there. */
  readonly rows: readonly Row[] | undefined;
  readonly hasMore: boolean;
  /** Why there is no first page; empty if there is. */
  readonly problem: string;
  /** Starts again with the first page; what is shown stays until then. */
  reload(): Promise<void>;
  more(): Promise<void>;
}

/** A list that grows by a page at a time. @param path with its query, apart from the cursor. */
export function usePages<Row>(path: string): Pages<Row> {
  const [rows, setRows] = useState<readonly Row[]>();
  const [next, setNext] = useState<string | null>(null);
  const [problem, setProblem] = useState("");
  const wanted = useRef(path);
  wanted.current = path;
  const load = async (cursor?: string) => {
    const page = await api.get<Page<Row>>(
      cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
    );
    if (wanted.current !== path) return; // a late answer to an earlier choice
    setRows((old = []) => (cursor === undefined ? page.data : [...old, ...page.data]));
    setNext(page.next_cursor);
    setProblem("");
  };
  useEffect(() => {
    load().catch((thrown) => wanted.current === path && setProblem(asError(thrown).message));
  }, [path]);
  return {
    ...{ rows, problem },
    hasMore: next !== null,
    reload: () => load(),
    more: async () => {
      if (next !== null) await load(next);
    },
  };
}
