import assert from "node:assert/strict";

/** What an expression of PromQL reads. */
export interface Reads {
  /** The names of series, `…_bucket` and the like included, with the labels that they are selected by. */
  readonly series: readonly { readonly name: string; readonly labels: readonly string[] }[];
  /** What it is grouped or matched by, or what is left out of that. */
  readonly grouping: readonly string[];
}

const WORDS = new Set(
  "and or unless on ignoring bool offset sum max min avg count topk rate increase deriv predict_linear last_over_time histogram_quantile time vector clamp_min".split(
    " ",
  ),
);

/** Reads an expression closely enough to know every name in it; a word that is neither a function's nor a name's is refused. */
export function readsOf(expression: string): Reads {
  const series: { name: string; labels: readonly string[] }[] = [];
  const grouping: string[] = [];
  const rest = expression
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, names: string) => {
      grouping.push(...names.split(",").map((name) => name.trim()));
      return "";
    })
    .replaceAll(/([a-z_][a-z0-9_:]*)\s*\{([^}]*)\}/g, (_, name: string, selected: string) => {
      const labels = [...selected.matchAll(/([a-z_]+)\s*(?:=~|!~|!=|=)\s*"[^"]*"/g)];
      assert.equal(
        labels.map(([text]) => text).join(","),
        selected.replaceAll(/,\s+/g, ","),
        `not understood: {${selected}}`,
      );
      series.push({ name, labels: labels.map(([, label = ""]) => label) });
      return "";
    })
    .replaceAll(/\[(?:\d+[smhd]|\$__rate_interval)\]/g, "");
  for (const [word] of rest.matchAll(/[a-z_][a-z0-9_:]*/g)) {
    if (WORDS.has(word)) continue;
    assert.match(word, /^(?:posthorn|process|nodejs)[_:]/, `no function, and no metric of ours: ${word}`);
    series.push({ name: word, labels: [] });
  }
  assert.equal(count(expression, "("), count(expression, ")"), `parentheses of ${expression}`);
  assert.ok(series.length > 0, `reads nothing: ${expression}`);
  return { series, grouping };
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
