import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PAGES } from "../console/operator/parts/page-links.ts";
import { doctorOf } from "../src/engine/doctor/doctor.ts";
import { instrumentOf } from "../src/observe/instrument.ts";
import { schedule, task } from "../src/posthorn.ts";
import { serveHere } from "./support/in-process.ts";
import { samplesIn } from "./support/metrics.ts";
import { readsOf } from "./support/promql.ts";
import { Receiver } from "./support/receiver.ts";
import { until } from "./support/until.ts";
import { yamlDocuments } from "./support/yaml.ts";

const root = join(import.meta.dirname, "..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

const [document] = yamlDocuments(read("docs/prometheus/rules.yml"));
const rules = (document as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const alerts = rules.filter(({ alert }) => alert !== undefined);

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const dashboard = JSON.parse(read("docs/grafana/posthorn.json")) as {
  panels: Panel[];
  templating: { list: { name: string; definition?: string }[] };
};

/** What Prometheus adds to each series, besides what the rules' own expressions keep of it. */
const OF_TARGETS = ["job", "instance", "pod", "le"];

/** Each series that a Posthorn tells, with the labels that it has there. */
async function told(t: Parameters<typeof serveHere>[0]): Promise<Map<string, Set<string>>> {
  const receiver = await Receiver.start(t, (delivery) =>
    delivery.answer(delivery.path === "/gone" ? 410 : 200),
  );
  const { api, posthorn } = await serveHere(t);
  for (const path of ["/", "/gone"]) await api.deliver({ target_url: `${receiver.url}${path}`, payload: 1 });
  const isDone = async () => (await posthorn.jobs.list({ status: "failed" })).length === 1;
  await until("both have been delivered", async () => receiver.ledger.length === 2 && (await isDone()));
  // what is hard to bring about, as it would be told
  const instrument = instrumentOf(posthorn);
  instrument.pruned.publish({ what: "jobs", count: 1 });
  instrument["request.refused"].publish({ method: "POST", route: "/", status: 503, error: undefined });
  const waits = task("nobody-runs-it", {});
  const waiting = await posthorn.enqueue(waits, undefined);
  assert.ok(waiting.jobId);
  await posthorn.schedules.declare(schedule("nightly", { cron: "0 3 * * *", task: waits, input: undefined }));
  await doctorOf(posthorn).look();
  await api.ask("GET", "/metrics"); // from now on the loop's delay is measured
  const series = new Map<string, Set<string>>();
  await until("the loop's delay was measured", async () => {
    for (const { name, labels } of samplesIn((await api.ask("GET", "/metrics")).text, false)) {
      const known = series.get(name) ?? new Set();
      for (const label of Object.keys(labels)) known.add(label);
      series.set(name, known);
    }
    return series.has("posthorn_event_loop_delay_seconds");
  });
  return series;
}

test("the alert rules and the dashboard read series that Posthorn exposes, by labels that they have", async (t) => {
  const series = await told(t);
  const check = (expression: string) => {
    const reads = readsOf(expression.replaceAll(/\$(?:job|instance|task)\b/g, ".*"));
    const labels = new Set(OF_TARGETS);
    for (const { name, labels: selected } of reads.series) {
      const known = series.get(name) ?? assert.fail(`nobody tells ${name}: ${expression}`);
      for (const label of selected)
        assert.ok(known.has(label) || OF_TARGETS.includes(label), `${name} has no ${label}: ${expression}`);
      for (const label of known) labels.add(label);
    }
    for (const label of reads.grouping) assert.ok(labels.has(label), `nothing has ${label}: ${expression}`);
    return labels;
  };
  for (const { record, expr } of rules) {
    const labels = check(expr);
    if (record !== undefined) series.set(record, labels);
  }
  for (const { title, targets = [] } of dashboard.panels)
    for (const { expr, legendFormat } of targets) {
      const labels = check(expr);
      for (const [, label = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
        assert.ok(labels.has(label), `${title}: nothing has ${label}`);
    }
  for (const { definition } of dashboard.templating.list) {
    const [, of = "", label = ""] = /^label_values\((\w+)(?:\{.*\})?, (\w+)\)$/.exec(definition ?? "") ?? [];
    if (definition === undefined) continue;
    assert.ok(series.get(of)?.has(label) || (series.has(of) && OF_TARGETS.includes(label)), definition);
  }
});

test("each alert says how bad it is, what it means, and which page of the console and of the documentation explains it", () => {
  const headings = new Set(
    [...read("docs/metrics.md").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
  assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length);
  for (const { alert, labels, annotations = {}, for: held } of alerts) {
    assert.match(held ?? "", /^\d+m$/, alert);
    assert.ok(["warn", "page"].includes(labels?.severity ?? ""), alert);
    assert.ok(annotations.summary && annotations.description, alert);
    const [, page] =
      /^\/console\/(\w*)(?:\?status=queued|\?task=\{\{ \$labels\.task \}\})?$/.exec(
        annotations.console ?? "",
      ) ?? [];
    assert.ok(
      PAGES.some(({ path }) => path === page),
      `${alert}: ${annotations.console}`,
    );
    const [, anchor] = /^docs\/metrics\.md#(.+)$/.exec(annotations.docs ?? "") ?? [];
    assert.ok(headings.has(anchor ?? ""), `${alert}: ${annotations.docs}`);
  }
});

/** What promtool expects of an alert that fires. */
interface Expected {
  readonly alertname: string;
  readonly exp_alerts: readonly {
    readonly exp_labels: Record<string, string>;
    readonly exp_annotations: Record<string, string>;
  }[];
}

test("the tests of the rules expect what the rules say, and each alert to fire", () => {
  const [tested] = yamlDocuments(read("docs/prometheus/rules.test.yml"));
  const expected = (tested as { tests: { alert_rule_test: Expected[] }[] }).tests.flatMap(
    ({ alert_rule_test }) => alert_rule_test,
  );
  const fired = new Set<string>();
  for (const { alertname, exp_alerts } of expected) {
    const rule = alerts.find(({ alert }) => alert === alertname) ?? assert.fail(alertname);
    for (const { exp_labels, exp_annotations } of exp_alerts) {
      fired.add(alertname);
      assert.equal(exp_labels.severity, rule.labels?.severity, alertname);
      for (const [name, template] of Object.entries(rule.annotations ?? {})) {
        const literal = template
          .split(/\{\{.*?\}\}/)
          .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        assert.match(exp_annotations[name] ?? "", new RegExp(`^${literal.join(".+")}$`), alertname);
      }
    }
  }
  assert.deepEqual([...fired].sort(), alerts.map(({ alert }) => alert).sort());
});

test("the panels of the dashboard do not overlap", () => {
  const taken = new Set<string>();
  for (const { title, gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        assert.ok(x < 24 && !taken.has(`${x}/${y}`), title);
        taken.add(`${x}/${y}`);
      }
});
