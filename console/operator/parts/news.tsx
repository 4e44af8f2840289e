/** How many rows wait above a list; pressing it shows them. */
export function News({ waiting, most, show }: NewsProps) {
  if (waiting === 0) return null;
  return (
    <p class="center">
      <button type="button" class="news" onClick={show}>
        {waiting === most ? `${most}+` : waiting} new ↑
      </button>
    </p>
  );
}

interface NewsProps {
  readonly waiting: number;
  /** How many are on a page. */
  readonly most: number;
  show(): void;
}
