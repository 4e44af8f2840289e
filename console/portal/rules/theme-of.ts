import { contrast, isReadable, madeReadable, mixed, READABLE, readableOn } from "./contrast.ts";

/** What an address may set of the page's looks: `?primary_color=%232d6cdf&dark_mode=auto&hide_navigation`. */
export interface Theme {
  /** CSS variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Undefined for what the reader's system uses. */
  readonly scheme: "light" | "dark" | undefined;
  readonly hidesNavigation: boolean;
  readonly hasNoGutters: boolean;
  readonly isCompact: boolean;
}

const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const FONT = /^[A-Za-z0-9 ,-]{1,100}$/;
const RADIUS = /^(?:\d|1\d|2[0-4])$/;

/** What the address calls them, if it can set them; the second name is what other portals call it. */
const COLOURS = {
  "--accent": ["primary_color", "primaryColor"],
  "--on-accent": ["on_primary_color"],
  "--page": ["background_color"],
  "--surface": ["surface_color"],
  "--text": ["text_color"],
  "--muted": ["muted_color"],
  "--line": ["border_color"],
  "--good": [],
  "--warn": [],
  "--bad": ["danger_color"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Other portals have an accent for each scheme. */
const ACCENT_OF = { light: "primaryColorLight", dark: "primaryColorDark" };
/** The style sheet's own, where the address does not set them. */
export const OWN = {
  light: {
    ...{ "--page": "#ffffff", "--surface": "#f6f7f9", "--text": "#1b1f29", "--muted": "#5a6172" },
    ...{ "--accent": "#2457d6", "--good": "#0b6b3a", "--warn": "#8a5200", "--bad": "#b3261e" },
  },
  dark: {
    ...{ "--page": "#14161b", "--surface": "#1c1f26", "--text": "#e7e9ee", "--muted": "#a2a9ba" },
    ...{ "--accent": "#8fb0ff", "--good": "#6fd8a0", "--warn": "#f2bd66", "--bad": "#ff9d94" },
  },
} as const;
/** What is written in the page, besides links. */
const TEXTS = ["--text", "--muted", "--good", "--warn", "--bad"] as const;
/** How much of its own colour is behind a mark, as the style sheet has it. */
const TINT = 0.09;

/**
 * Values of another form than they should have are ignored. Whatever the colours are, the page can be read: a background decides whether
 * it is a light or a dark page, and text that could not be read on it becomes darker or lighter.
 */
export function themeOf(asked: URLSearchParams, prefersDark: boolean): Theme {
  const first = (names: readonly string[]) =>
    names.map((name) => asked.get(name)).find((value) => value !== null);
  const colourOf = (names: readonly string[]) => {
    const given = first(names);
    return given && COLOUR.test(given) ? given : undefined;
  };
  const scheme = schemeOf(colourOf(COLOURS["--page"]), first(["dark_mode", "darkMode"]));
  const shown = scheme ?? (prefersDark ? "dark" : "light");
  const font = first(["font_family", "fontFamily"]);
  const radius = asked.get("radius") ?? "";
  const variables = {
    ...coloursOf(shown, (variable) =>
      colourOf([...COLOURS[variable], ...(variable === "--accent" ? [ACCENT_OF[shown]] : [])]),
    ),
    "--font": font && FONT.test(font) ? `${font}, system-ui, sans-serif` : undefined,
    "--radius": RADIUS.test(radius) ? `${radius}px` : undefined,
  };
  return {
    variables: Object.fromEntries(
      Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    scheme,
    hidesNavigation: isOn(first(["hide_navigation", "hideNavigation"])),
    hasNoGutters: isOn(first(["no_gutters", "noGutters"])),
    isCompact: asked.get("density") === "compact",
  };
}

function schemeOf(page: string | undefined, dark: string | null | undefined): Theme["scheme"] {
  if (page !== undefined) return readableOn(page) === "#ffffff" ? "dark" : "light";
  return dark === "true" ? "dark" : dark === "false" ? "light" : undefined;
}

function coloursOf(
  scheme: "light" | "dark",
  given: (variable: keyof typeof COLOURS) => string | undefined,
): Readonly<Record<string, string | undefined>> {
  const own = OWN[scheme];
  const page = given("--page") ?? own["--page"];
  const pole = readableOn(page); // all text can become this
  const surface = surfaceOn(page, pole, given("--surface"), given("--page") ? undefined : own["--surface"]);
  const isOnOwn = page === own["--page"] && surface === own["--surface"];
  const grounds = [page, surface];
  const tint = isReadable(pole, grounds, TINT) ? TINT : 0;
  const accent = given("--accent");
  const link = madeReadable(accent ?? own["--accent"], pole, grounds, tint);
  const colours: Record<string, string | undefined> = {
    "--page": given("--page"),
    "--surface": isOnOwn ? undefined : surface,
    "--line": given("--line") ?? (given("--page") && mixed(page, pole, 0.2)),
    "--tint": tint === TINT ? undefined : "0%",
    "--accent": accent,
    "--link": link === (accent ?? own["--accent"]) ? undefined : link,
  };
  for (const variable of TEXTS) {
    const wanted = given(variable);
    if (wanted === undefined && isOnOwn) continue; // these can be read
    colours[variable] = madeReadable(wanted ?? own[variable], pole, grounds, tint);
  }
  if (accent) {
    const on = given("--on-accent");
    colours["--on-accent"] = on && contrast(on, accent) >= READABLE ? on : readableOn(accent);
  }
  return colours;
}

/** What stands out from the page a little; as the page itself, if that could not be read. */
function surfaceOn(page: string, pole: string, ...wanted: readonly (string | undefined)[]): string {
  return [...wanted, mixed(page, pole, 0.04)].find((each) => each && isReadable(pole, [each], 0)) ?? page;
}

function isOn(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== "false";
}
