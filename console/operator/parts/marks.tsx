import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { ApiError } from "../../kit/api.ts";
import { Problem } from "../../kit/problem.tsx";
import { second } from "../live/beat.ts";
import { base, serverNow } from "../live/server.ts";
import { zone } from "../live/settings.ts";
import { absolute, relative } from "../rules/times.ts";

/** The address of one of the console's pages. */
export function pageAt(...parts: string[]): string {
  return [`${base}/console`, ...parts.map(encodeURIComponent)].join("/");
}

/** A state, in its colour and in words. */
export function Status({ of }: { readonly of: string }) {
  return <span class={`status status-${of}`}>{of.replaceAll("_", " ")}</span>;
}

/** A time as people say it; hovering shows the exact one. */
export function Time({
  at,
  exact = false,
}: {
  readonly at: string | null | undefined;
  readonly exact?: boolean;
}) {
  if (!at) return <span class="faint">–</span>;
  const ms = Date.parse(at);
  const here = absolute(ms, zone());
  const text = exact ? here : relative(ms, second.value >= 0 ? serverNow() : 0);
  return (
    <time dateTime={at} title={`${here} (${zone()})\n${absolute(ms, "UTC")} (UTC)\n${at}`}>
      {text}
    </time>
  );
}

/** An id or a URL, cut where there is no room, whole on hover. */
export function Mono({ children, title }: { readonly children: string; readonly title?: string }) {
  return (
    <code class="mono" title={title ?? children}>
      {children}
    </code>
  );
}

export function Copy({ text, label = "Copy" }: { readonly text: string; readonly label?: string }) {
  const [done, setDone] = useState(false);
  const copy = () => {
    copyText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1_500);
  };
  return (
    <button type="button" class="quiet" onClick={copy}>
      {done ? "Copied" : label}
    </button>
  );
}

/** What is there to be copied: its lines stay whole, and scroll where they are longer than the page is wide. */
export function Snippet({ text, label }: { readonly text: string; readonly label?: string }) {
  return (
    <div class="snippet">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <Copy text={text} {...(label && { label })} />
    </div>
  );
}

/** Browsers offer their clipboard over HTTPS only; the older way works without it. */
function copyText(text: string): void {
  if (navigator.clipboard && window.isSecureContext) {
    void navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Where something will stand; it shows only where that takes long enough to be noticed. */
export function Loading() {
  return (
    <div class="loading" role="status" aria-label="Loading">
      <span />
      <span />
      <span />
    </div>
  );
}

/** What went wrong with asking; what was known before stays below it. */
export function Trouble({ error }: { readonly error: Error | undefined }) {
  if (!error || (error instanceof ApiError && error.status === 0)) return null; // the connection's state says that the server is away
  return <Problem text={error.message} />;
}

export function Head({
  title,
  children,
  note,
}: {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly children?: ComponentChildren;
}) {
  document.title = `${title} · Posthorn`;
  return (
    <header class="head">
      <div>
        <h1>{title}</h1>
        {note && <p class="faint">{note}</p>}
      </div>
      {children && <div class="actions">{children}</div>}
    </header>
  );
}

type Fact = readonly [name: string, value: ComponentChildren];

/** Names and what they stand for; a fact that is falsy is left out. */
export function Facts({
  of,
  inline = false,
}: {
  readonly of: readonly (Fact | "" | 0 | false | null | undefined)[];
  /** All in one line, if there is room. */
  readonly inline?: boolean;
}) {
  return (
    <dl class={inline ? "facts facts-inline" : "facts"}>
      {of
        .filter((fact) => !!fact)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
