import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { contrast, mixed, READABLE } from "./contrast.ts";
import { OWN, themeOf } from "./theme-of.ts";

const variablesOf = (query: string, prefersDark = false) =>
  themeOf(new URLSearchParams(query), prefersDark).variables;

test("an address sets colours, font, corners and density, by our names and other portals'", () => {
  const { "--link": link = "", ...set } = variablesOf("primary_color=%23ffcc00&font_family=Inter&radius=12");
  assert.deepEqual(set, {
    ...{ "--accent": "#ffcc00", "--on-accent": "#000000" },
    ...{ "--font": "Inter, system-ui, sans-serif", "--radius": "12px" },
  });
  assert.ok(contrast(link, "#ffffff") >= READABLE, "a button may be yellow, a link on white may not");
  const both = "primaryColorLight=%23003366&primaryColorDark=%2399ccff";
  assert.equal(variablesOf(both)["--accent"], "#003366");
  assert.equal(variablesOf(both, true)["--accent"], "#99ccff");
  assert.equal(variablesOf(`${both}&dark_mode=false`, true)["--accent"], "#003366");
  const { variables, ...marks } = themeOf(
    new URLSearchParams("hide_navigation&noGutters=true&density=compact&dark_mode=true"),
    false,
  );
  assert.deepEqual(
    [variables, marks],
    [{}, { scheme: "dark", hidesNavigation: true, hasNoGutters: true, isCompact: true }],
  );
});

test("values of an unknown form are ignored, and so is text on the primary colour that nobody could read", () => {
  for (const query of [
    "primary_color=red",
    "background_color=url(https://elsewhere.example/)",
    "surface_color=%23fff;}body{}",
    "font_family=x%22%3Burl(a)",
    "radius=25",
    "radius=1em",
    "on_primary_color=%23fff",
  ])
    assert.deepEqual(variablesOf(query), {}, query);
  assert.deepEqual(variablesOf("primary_color=%23003366&on_primary_color=%23004477"), {
    ...{ "--accent": "#003366", "--on-accent": "#ffffff" },
  });
});

test("a background decides whether the page is a light or a dark one", () => {
  const schemeOf = (query: string) => themeOf(new URLSearchParams(query), true).scheme;
  assert.equal(schemeOf("background_color=%23ffffff"), "light");
  assert.equal(schemeOf("background_color=%23000&dark_mode=false"), "dark");
  assert.equal(schemeOf("dark_mode=auto"), undefined);
});

test("whatever the colours are, everything that is written can be read", () => {
  const colours = [
    "",
    "000",
    "fff",
    "808080",
    "777777",
    "757575",
    "ff0000",
    "00ff00",
    "ffcc00",
    "14161b",
    "5b21b6",
  ];
  const set = (name: string, colour: string) => (colour === "" ? "" : `&${name}=%23${colour}`);
  for (const prefersDark of [false, true])
    for (const page of colours)
      for (const surface of colours)
        for (const text of colours) {
          const query =
            set("background_color", page) +
            set("surface_color", surface) +
            ["primary_color", "text_color", "muted_color", "danger_color"]
              .map((name) => set(name, text))
              .join("");
          assertReadable(query, prefersDark);
        }
});

function assertReadable(query: string, prefersDark: boolean): void {
  const { variables, scheme = prefersDark ? "dark" : "light" } = themeOf(
    new URLSearchParams(query),
    prefersDark,
  );
  const { "--accent": accent } = { ...OWN[scheme], ...variables };
  const shown: Readonly<Record<string, string>> = {
    ...{ "--link": accent, "--tint": "9%", ...OWN[scheme] },
    ...variables,
  };
  const { "--page": page = "", "--surface": surface = "" } = shown;
  const tint = Number.parseFloat(shown["--tint"] ?? "") / 100;
  for (const name of ["--text", "--muted", "--good", "--warn", "--bad", "--link"]) {
    const colour = shown[name] ?? "";
    for (const ground of [page, surface, mixed(page, colour, tint)])
      assert.ok(contrast(colour, ground) >= READABLE, `${query}: ${name} ${colour} on ${ground}`);
  }
  const on = shown["--on-accent"];
  if (on !== undefined) assert.ok(contrast(on, accent) >= READABLE, `${query}: ${on} on ${accent}`);
}

test("the page's own colours are those of its style sheet", () => {
  const sheet = readFileSync(new URL("../style/1-base.css", import.meta.url), "utf8");
  for (const [, name = "", light = "", dark = ""] of sheet.matchAll(
    /(--\w+): light-dark\((#\w+), (#\w+)\)/g,
  )) {
    if (!(name in OWN.light)) continue;
    const whole = (colour: string) => mixed(colour, colour, 0); // #fff is #ffffff
    const { light: ownLight, dark: ownDark } = OWN as Readonly<
      Record<string, Readonly<Record<string, string>>>
    >;
    assert.deepEqual([ownLight?.[name], ownDark?.[name]], [whole(light), whole(dark)], name);
  }
  for (const name of Object.keys(OWN.light)) assert.match(sheet, new RegExp(`${name}: light-dark`));
});
