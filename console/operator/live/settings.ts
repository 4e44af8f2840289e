import { effect, signal } from "@preact/signals";

/** What this browser remembers of how somebody likes to look. */
function kept<Value extends string>(name: string, otherwise: Value) {
  const key = `posthorn.${name}`;
  const value = signal((localStorage.getItem(key) as Value | null) ?? otherwise); // only written below
  effect(() => localStorage.setItem(key, value.value));
  return value;
}

export const theme = kept<"auto" | "light" | "dark">("theme", "auto");
export const timeZone = kept<"local" | "utc">("zone", "local");
export const density = kept<"roomy" | "compact">("density", "roomy");
/** Filters that were given names, as JSON. */
export const views = kept<string>("views", "[]");
/** Of lists of jobs, where they are not the usual ones. */
export const jobColumns = kept<string>("columns", "");
export const shortcuts = kept<"on" | "off">("shortcuts", "on");

const DARK = matchMedia("(prefers-color-scheme: dark)");
/** Whether the system is dark, which is what `auto` follows. */
export const isSystemDark = signal(DARK.matches);
DARK.addEventListener("change", ({ matches }) => {
  isSystemDark.value = matches;
});

effect(() => {
  document.documentElement.style.colorScheme = theme.value === "auto" ? "light dark" : theme.value;
});

effect(() => {
  document.documentElement.dataset.density = density.value;
});

/** The time zone of this browser. */
export const LOCAL = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function zone(): string {
  return timeZone.value === "utc" ? "UTC" : LOCAL;
}

export function nextTheme(): void {
  const order = ["auto", "light", "dark"] as const;
  theme.value = order[(order.indexOf(theme.value) + 1) % order.length] ?? "auto";
}
