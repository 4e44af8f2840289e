/** What went wrong, said at once also to those who listen to the page. */
export function Problem({ text }: { readonly text: string | undefined }) {
  return text === undefined || text === "" ? null : (
    <p class="trouble" role="alert">
      {text}
    </p>
  );
}
