/** What went wrong, announced immediately to those who listen to the page as well. */
export function Problem({ text }: { readonly text: string | undefined }) {
  return text === undefined || text === "" ? null : (
    <p class="trouble" role="alert">
      {text}
    </p>
  );
}
