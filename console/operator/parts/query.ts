import { useLocation } from "preact-iso";

/** The filters of a page, which are in its address and nowhere else. */
export function useQuery() {
  const { query, path, route } = useLocation();
  const given: Readonly<Record<string, string>> = query;
  /** The same address with these changed; undefined leaves one out. */
  const with_ = (changes: Readonly<Record<string, string | undefined>>): string => {
    const entries = Object.entries({ ...given, ...changes }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== "",
    );
    const search = new URLSearchParams(entries).toString();
    return search === "" ? path : `${path}?${search}`;
  };
  return {
    query: given,
    linkWith: with_,
    change: (changes: Parameters<typeof with_>[0]) => route(with_(changes), true),
  };
}

/** A query string of what is given. */
export function search(of: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(of).filter((entry): entry is [string, string] => !!entry[1]);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
