import { themeOf } from "./rules/theme-of.ts";

/** Makes the page look as its address says, also after its reader switches between light and dark. */
export function applyTheme(search: string): void {
  const asked = new URLSearchParams(search);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const { variables, scheme, ...marks } = themeOf(asked, dark.matches);
    const { style, dataset } = document.documentElement;
    for (const name of [...style]) style.removeProperty(name);
    for (const [name, value] of Object.entries(variables)) style.setProperty(name, value);
    if (scheme !== undefined) style.setProperty("color-scheme", scheme);
    if (marks.hidesNavigation) dataset.navigation = "hidden";
    if (marks.hasNoGutters) dataset.gutters = "none";
    if (marks.isCompact) dataset.density = "compact";
  };
  apply();
  dark.addEventListener("change", apply);
}
