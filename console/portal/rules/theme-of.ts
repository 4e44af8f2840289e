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

/** By the names of the address; the second name is what other portals call it. */
const COLOURS = {
  "--accent": ["primary_color", "primaryColor"],
  "--on-accent": ["on_primary_color"],
  "--page": ["background_color"],
  "--surface": ["surface_color"],
  "--text": ["text_color"],
  "--muted": ["muted_color"],
  "--line": ["border_color"],
  "--bad": ["danger_color"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** Other portals have an accent for each scheme. */
const ACCENT_OF = { light: "primaryColorLight", dark: "primaryColorDark" };
/** The page's own, where the address does not set it. */
const PAGE_OF = { light: "#ffffff", dark: "#14161b" };
/** What WCAG 2.2 requires of text, and of what is not text. */
const READABLE = 4.5;
const VISIBLE = 3;

/** A value of another form than it should have is ignored, and so are colours that nobody could read. */
export function themeOf(asked: URLSearchParams, prefersDark: boolean): Theme {
  const first = (names: readonly string[]) =>
    names.map((name) => asked.get(name)).find((value) => value !== null);
  const dark = first(["dark_mode", "darkMode"]);
  const scheme = dark === "true" ? "dark" : dark === "false" ? "light" : undefined;
  const shown = scheme ?? (prefersDark ? "dark" : "light");
  const colour = (variable: keyof typeof COLOURS) => {
    const more = variable === "--accent" ? [ACCENT_OF[shown]] : [];
    const given = first([...COLOURS[variable], ...more]);
    return given && COLOUR.test(given) ? given : undefined;
  };
  const page = colour("--page") ?? PAGE_OF[shown];
  const on = (variable: keyof typeof COLOURS, least: number) => {
    const given = colour(variable);
    return given !== undefined && contrast(given, page) >= least ? given : undefined;
  };
  const accent = colour("--accent");
  const onAccent = colour("--on-accent");
  const font = first(["font_family", "fontFamily"]);
  const radius = asked.get("radius") ?? "";
  const variables = {
    "--page": colour("--page"),
    "--surface": colour("--surface"),
    "--line": colour("--line"),
    "--text": on("--text", READABLE),
    "--muted": on("--muted", READABLE),
    "--bad": on("--bad", VISIBLE),
    "--accent": accent,
    "--on-accent":
      accent && (onAccent && contrast(onAccent, accent) >= READABLE ? onAccent : readableOn(accent)),
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

function isOn(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== "false";
}

function readableOn(colour: string): string {
  return contrast("#000", colour) >= contrast("#fff", colour) ? "#000" : "#fff";
}

/** As WCAG 2.2 defines it: from 1 to 21. */
function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

function luminance(colour: string): number {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = (digits.match(/../g) ?? []).map((pair) => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
