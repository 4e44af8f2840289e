/** What WCAG 2.2 requires of text. */
export const READABLE = 4.5;
/** Of a colour mixed into another when it is not readable, until it is: fine enough to keep its hue as far as possible. */
const STEPS = 20;

type Rgb = readonly [red: number, green: number, blue: number];

/** As WCAG 2.2 defines it: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Black or white, whichever can be read better on it. */
export function readableOn(colour: string): "#000000" | "#ffffff" {
  return contrast("#000", colour) >= contrast("#fff", colour) ? "#000000" : "#ffffff";
}

/** A colour with some of another in it. @param share of the other, from 0 to 1. */
export function mixed(one: string, other: string, share: number): string {
  const [from, to] = [rgbOf(one), rgbOf(other)];
  const parts = from.map((part, at) => Math.round(part + ((to[at] ?? part) - part) * share));
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** Whether text of this colour can be read on all of these, and on the tint of itself that marks have there. */
export function isReadable(colour: string, grounds: readonly string[], tint: number): boolean {
  return grounds.every((ground) => contrast(colour, mixed(ground, colour, tint)) >= READABLE);
}

/** The colour, or what is nearest to it on the way to `pole` and can be read. */
export function madeReadable(colour: string, pole: string, grounds: readonly string[], tint: number): string {
  for (let step = 0; step < STEPS; step++) {
    const shown = step === 0 ? colour : mixed(colour, pole, step / STEPS);
    if (isReadable(shown, grounds, tint)) return shown;
  }
  return pole;
}

function luminance(colour: string): number {
  const [red, green, blue] = rgbOf(colour).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb; // as many as it was given
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param colour `#rgb` or `#rrggbb`. */
function rgbOf(colour: string): Rgb {
  const digits = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const part = (at: number) => Number.parseInt(digits.slice(at, at + 2), 16);
  return [part(0), part(2), part(4)];
}
