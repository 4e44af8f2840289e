import assert from "node:assert/strict";

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const TYPES = ["counter", "gauge", "histogram", "info"];
const NAME = "[a-z_:][a-z0-9_:]*";
const LABEL = `[a-z_]+="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (-?[0-9.e+-]+)$`);

/**
 * The samples of an exposition, read as strictly as OpenMetrics 1.0.0 (or the text format 0.0.4) is written: every line has its form, every
 * sample follows the description of its metric, no metric is described twice, no sample given twice, buckets are cumulative.
 */
export function samplesIn(text: string, isOpenMetrics: boolean): Sample[] {
  assert.ok(text.endsWith("\n"));
  const lines = text.slice(0, -1).split("\n");
  if (isOpenMetrics) assert.equal(lines.pop(), "# EOF");
  const described = new Map<string, string>();
  const seen = new Set<string>();
  const samples: Sample[] = [];
  let current = { name: "", type: "" };
  for (const line of lines) {
    const [, kind, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "TYPE") {
      assert.ok(TYPES.includes(rest), line);
      assert.ok(!described.has(name), `${name} is described twice`);
      described.set(name, rest);
      current = { name, type: rest };
      continue;
    }
    if (kind !== undefined) {
      assert.equal(name, current.name, line);
      if (kind === "UNIT") assert.ok(isOpenMetrics && name.endsWith(`_${rest}`), line);
      continue;
    }
    const [, sample = "", labels = "", value = ""] = SAMPLE.exec(line) ?? assert.fail(`no sample: ${line}`);
    assert.ok(sample.startsWith(current.name), `${line} stands below ${current.name}`);
    if (isOpenMetrics && current.type === "counter") assert.equal(sample, `${current.name}_total`);
    assert.ok(!seen.has(`${sample}{${labels}}`), `${line} is given twice`);
    seen.add(`${sample}{${labels}}`);
    samples.push({ name: sample, labels: labelsIn(labels), value: Number(value) });
  }
  assertCumulative(samples);
  return samples;
}

/** The value of the only sample of that name with those labels among its own; 0 where there is none. */
export function countOf(samples: readonly Sample[], name: string, labels: Sample["labels"] = {}): number {
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );
  return found.reduce((sum, { value }) => sum + value, 0);
}

function labelsIn(text: string): Sample["labels"] {
  return Object.fromEntries(
    [...text.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)].map(([, name, value]) => [name, value]),
  );
}

function assertCumulative(samples: readonly Sample[]): void {
  let last: { series: string; value: number; le: number } | undefined;
  for (const { name, labels, value } of samples) {
    const { le, ...rest } = labels;
    if (!name.endsWith("_bucket") || le === undefined) continue;
    const series = name + JSON.stringify(rest);
    const bound = le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
    if (last?.series === series) assert.ok(value >= last.value && bound > last.le, `${series} ${le}`);
    last = { series, value, le: bound };
    if (bound === Number.POSITIVE_INFINITY)
      assert.equal(value, countOf(samples, name.replace(/_bucket$/, "_count"), rest), series);
  }
}
