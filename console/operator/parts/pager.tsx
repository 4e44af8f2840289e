/** To the pages before and after. */
export function Pager({
  next,
  previous,
  linkWith,
}: {
  readonly next: string | null | undefined;
  readonly previous?: string | null | undefined;
  readonly linkWith: (changes: Readonly<Record<string, string | undefined>>) => string;
}) {
  if (!next && !previous) return null;
  return (
    <nav class="pager" aria-label="Pages of the list">
      {previous ? <a href={linkWith({ cursor: previous })}>Previous</a> : <span />}
      {next && <a href={linkWith({ cursor: next })}>Next</a>}
    </nav>
  );
}
