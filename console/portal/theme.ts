/** What an address may set of the page's looks: `?primary_color=%232d6cdf&dark_mode=auto&hide_navigation`. Anything else is ignored. */
const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
const FONT = /^[A-Za-z0-9 ,-]{1,100}$/;

/** By the names of the address; the second name is what other portals call it. */
const COLOURS: Readonly<Record<string, readonly string[]>> = {
  "--accent": ["primary_color", "primaryColor"],
  "--page": ["background_color"],
  "--surface": ["surface_color"],
  "--text": ["text_color"],
};

/** Other portals have an accent for each scheme. */
const LIGHT = "primaryColorLight";
const DARK = "primaryColorDark";

export function applyTheme(search: string): void {
  const asked = new URLSearchParams(search);
  const { style, dataset } = document.documentElement;
  const first = (names: readonly string[]) =>
    names.map((name) => asked.get(name)).find((value) => value !== null);
  const dark = first(["dark_mode", "darkMode"]);
  const isDark = dark === "true" || (dark !== "false" && matchMedia("(prefers-color-scheme: dark)").matches);
  for (const [variable, names] of Object.entries(COLOURS)) {
    const colour = first([...names, ...(variable === "--accent" ? [isDark ? DARK : LIGHT] : [])]);
    if (colour && COLOUR.test(colour)) style.setProperty(variable, colour);
  }
  const accent = style.getPropertyValue("--accent");
  if (accent !== "") style.setProperty("--on-accent", isLight(accent) ? "#000" : "#fff");
  const font = first(["font_family", "fontFamily"]);
  if (font && FONT.test(font)) style.setProperty("--font", `${font}, system-ui, sans-serif`);
  if (dark === "true") style.setProperty("color-scheme", "dark");
  if (dark === "false") style.setProperty("color-scheme", "light");
  if (isOn(first(["hide_navigation", "hideNavigation"]))) dataset.navigation = "hidden";
  if (isOn(first(["no_gutters", "noGutters"]))) dataset.gutters = "none";
}

function isOn(value: string | null | undefined): boolean {
  return value !== undefined && value !== null && value !== "false";
}

/** By WCAG 2.2's relative luminance: whether black stands out from it better than white. */
function isLight(colour: string): boolean {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const [red = 0, green = 0, blue = 0] = (digits.match(/../g) ?? []).map((pair) => {
    const share = Number.parseInt(pair, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179;
}
