/** Shorter ones are not credentials, and too much would be mistaken for them. */
const SHORTEST_VALUE = 6;
/** For the parts of a value, `Bearer …` or `a=…; b=…`: those that name a scheme or a cookie are mostly shorter. */
const SHORTEST_PART = 8;
const BETWEEN_PARTS = /[\s,;"']+|=+(?=[^\s,;="'])/; // base64 ends with `=`

const IN_PLACE = "[header value]";

/**
 * A receiver's answer without the values of the headers that it was sent: they may hold credentials, are kept encrypted,
 * and some receivers repeat them. They are found as they are, in parts, with the user and the password of basic authentication
 * decoded, and as JSON, URLs and HTML write them; even one that is cut off where the excerpt ends.
 */
export function withoutHeaderValues(text: string, headers: Readonly<Record<string, string>>): string {
  if (text.length < SHORTEST_VALUE) return text;
  const folded = fold(text);
  const ranges: [from: number, to: number][] = [];
  for (const value of valuesOf(headers)) {
    for (let at = folded.text.indexOf(value); at >= 0; at = folded.text.indexOf(value, at + value.length)) {
      ranges.push([folded.at(at), folded.at(at + value.length)]);
    }
    const cut = longestStartAtEnd(value, folded.text);
    if (cut > 0) ranges.push([folded.at(folded.text.length - cut), text.length]);
  }
  return ranges.length === 0 ? text : withoutRanges(text, ranges);
}

function valuesOf(headers: Readonly<Record<string, string>>): Set<string> {
  const values = new Set<string>();
  const add = (value: string, shortest: number) => {
    if (value.length >= shortest) values.add(fold(value).text).add(lowerCase(plain(value)));
  };
  for (const [name, value] of Object.entries(headers)) {
    if (name === "content-type") continue;
    add(value, SHORTEST_VALUE);
    for (const part of value.split(BETWEEN_PARTS)) add(part, SHORTEST_PART);
    const [, basic] = /^basic +(\S+)$/i.exec(value) ?? [];
    if (basic === undefined) continue;
    const pair = Buffer.from(basic, "base64").toString();
    for (const credential of [pair, ...pair.split(":", 2)]) add(credential, SHORTEST_VALUE);
  }
  return values;
}

interface Folded {
  readonly text: string;
  /** The position in the original of a position in the folded text. */
  at(place: number): number;
}

const ESCAPED =
  /\\+(?:u00([\da-f]{2})|x([\da-f]{2}))?|%([\da-f]{2})|&#x0*([\da-f]{2});|&#0*(\d{2,3});|&(amp|lt|gt|quot|apos);|\+/gi;
const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** In lower case, with escapes decoded, `+` as the blank that it means in a form, and without backslashes. */
function fold(text: string): Folded {
  const shifts: [place: number, by: number][] = [];
  let by = 0;
  const folded = text.replace(ESCAPED, (all, json, hex, url, htmlHex, html, name, at: number) => {
    const code = json ?? hex ?? url ?? htmlHex;
    const number = code === undefined ? Number(html) : Number.parseInt(code, 16);
    const one = plain(number > 0 ? String.fromCharCode(number) : (NAMED[name] ?? all));
    by += all.length - one.length;
    shifts.push([at + all.length - by, by]);
    return one;
  });
  return {
    text: lowerCase(folded),
    at: (place) => place + (shifts.findLast(([from]) => from <= place)?.[1] ?? 0),
  };
}

function plain(text: string): string {
  return text.replaceAll("\\", "").replaceAll("+", " ");
}

/** Of ASCII only: the lower case of some other letters is longer. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function longestStartAtEnd(value: string, text: string): number {
  for (let length = Math.min(value.length - 1, text.length); length >= SHORTEST_VALUE; length--) {
    if (text.endsWith(value.slice(0, length))) return length;
  }
  return 0;
}

function withoutRanges(text: string, ranges: [from: number, to: number][]): string {
  ranges.sort(([a], [b]) => a - b);
  let clean = "";
  let done = 0;
  for (const [from, to] of ranges) {
    if (from >= done) clean += text.slice(done, from) + IN_PLACE;
    done = Math.max(done, to);
  }
  return clean + text.slice(done);
}
