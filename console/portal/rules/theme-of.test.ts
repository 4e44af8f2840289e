import assert from "node:assert/strict";
import { test } from "node:test";
import { themeOf } from "./theme-of.ts";

const variablesOf = (query: string, prefersDark = false) =>
  themeOf(new URLSearchParams(query), prefersDark).variables;

test("an address sets colours, font, corners and density, by our names and other portals'", () => {
  assert.deepEqual(variablesOf("primary_color=%23ffcc00&font_family=Inter&radius=12"), {
    ...{ "--accent": "#ffcc00", "--on-accent": "#000" },
    ...{ "--font": "Inter, system-ui, sans-serif", "--radius": "12px" },
  });
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

test("values of an unknown form, and colours that nobody could read, are ignored", () => {
  for (const query of [
    "primary_color=red",
    "background_color=url(https://elsewhere.example/)",
    "surface_color=%23fff;}body{}",
    "font_family=x%22%3Burl(a)",
    "radius=25",
    "radius=1em",
    "text_color=%23dddddd",
    "muted_color=%23aaaaaa",
    "text_color=%23222222&dark_mode=true",
    "on_primary_color=%23fff",
  ])
    assert.deepEqual(variablesOf(query), {}, query);
  assert.deepEqual(variablesOf("background_color=%23000&text_color=%23111111"), { "--page": "#000" });
  assert.deepEqual(variablesOf("primary_color=%23003366&on_primary_color=%23004477"), {
    ...{ "--accent": "#003366", "--on-accent": "#fff" },
  });
});
