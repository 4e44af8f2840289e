import { type Theme, themeOf } from "./rules/theme-of.ts";

/** Makes the page look as its address says. */
export function applyTheme(search: string): void {
  const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const { variables, scheme, ...marks }: Theme = themeOf(new URLSearchParams(search), prefersDark);
  const { style, dataset } = document.documentElement;
  for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
  if (scheme !== undefined) style.setProperty("color-scheme", scheme);
  if (marks.hidesNavigation) dataset.navigation = "hidden";
  if (marks.hasNoGutters) dataset.gutters = "none";
  if (marks.isCompact) dataset.density = "compact";
}
