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

/** What was loaded so far. */
interface Shown<Row> extends Pick<Pages<Row>, "rows" | "problem"> {
  readonly next: string | null;
}

const NOTHING = { rows: undefined, next: null, problem: "" };

/** A list that grows by a page at a time. @param path with its query, apart from the cursor. */
export function usePages<Row>(path: string): Pages<Row> {
  const [state, setState] = useState<Shown<Row> & { readonly of: string }>({ of: path, ...NOTHING });
  // rows of an earlier choice are not those that are asked for now
  const { rows, next, problem }: Shown<Row> = state.of === path ? state : NOTHING;
  const wanted = useRef(path);
  wanted.current = path;
  const load = async (cursor?: string) => {
    const page = await api.get<Page<Row>>(
      cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
    );
    if (wanted.current !== path) return; // a late answer to an earlier choice
    setState((last) => {
      const before = cursor === undefined || last.of !== path ? [] : (last.rows ?? []);
      return { of: path, rows: [...before, ...page.data], next: page.next_cursor, problem: "" };
    });
  };
  useEffect(() => {
    load().catch((thrown) =>
      setState((last) =>
        wanted.current === path ? { of: path, ...NOTHING, problem: asError(thrown).message } : last,
      ),
    );
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
