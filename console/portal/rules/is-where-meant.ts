interface Around {
  /** The origin of the only page that may be around this one; null for any that the server allows. */
  readonly meant: string | null;
  /** The origin of the page around this one, in browsers that say it. */
  readonly told: string | undefined;
  /** The address of the page that this one was asked for by; empty where that is kept secret. A reload of the frame keeps it. */
  readonly referrer: string;
  /** Of this page. */
  readonly own: string;
}

/** Whether a frame is in the page that it is meant for. Where no browser says which page that is, the server's own list has to do. */
export function isWhereMeant({ meant, told, referrer, own }: Around): boolean {
  const asking = URL.parse(referrer)?.origin;
  const around = told ?? (asking === own ? undefined : asking);
  return meant === null || around === undefined || around === meant;
}
