import { Time } from "./marks.tsx";

/** To the pages before and after. */
export function Pager({
  next,
  previous,
  searchedTo,
  linkWith,
}: {
  readonly next: string | null | undefined;
  readonly previous?: string | null | undefined;
  /** Where the search of this page stopped, if there may be more to find. */
  readonly searchedTo?: string | null | undefined;
  readonly linkWith: (changes: Readonly<Record<string, string | undefined>>) => string;
}) {
  if (!next && !previous) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {previous ? <a href={linkWith({ cursor: previous })}>Previous</a> : <span />}
      {searchedTo && (
        <span class="faint" role="status">
          Searched as far as <Time at={searchedTo} exact />; there may be more.
        </span>
      )}
      {next && <a href={linkWith({ cursor: next })}>Next</a>}
    </nav>
  );
}
