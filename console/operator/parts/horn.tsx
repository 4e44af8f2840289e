/** The mark of the product. */
export function Horn() {
  return (
    <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true" class="horn">
      <circle cx="9" cy="14" r="5" />
      <path d="M9 9h4l8-4v10l-7-3" />
    </svg>
  );
}
