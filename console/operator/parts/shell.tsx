import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useLocation } from "preact-iso";
import { paused, second } from "../live/beat.ts";
import { askSession, base, connection, may, offers, serverNow, session, tell } from "../live/server.ts";
import { nextTheme, theme, timeZone, zone } from "../live/settings.ts";
import { clockTime } from "../rules/times.ts";
import { Finder } from "./finder.tsx";
import { Horn } from "./horn.tsx";
import { pageAt } from "./marks.tsx";
import { PAGES, type PageLink, TRY_IT } from "./page-links.ts";
import { Shortcuts } from "./shortcuts.tsx";

/** What is around every page: where one can go, and whether what is shown is true now. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  const { path, url } = useLocation();
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  useEffect(() => setOpen(false), [url]);
  const links = PAGES.filter(
    ({ operation, takes }) => (operation === undefined || offers(operation)) && (!takes || may(takes)),
  );
  const shown: readonly Pick<PageLink, "name" | "path" | "icon" | "isFirst">[] = session.value?.inbox
    ? [...links, TRY_IT]
    : links;
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <button
          type="button"
          class="menu"
          aria-expanded={open}
          aria-controls="nav"
          onClick={() => setOpen(!open)}
        >
          Menu
        </button>
        <a class="brand" href={`${base}/console`}>
          <Horn />
          Posthorn
        </a>
        <Finder />
        <Connection />
      </header>
      <nav id="nav" aria-label="Pages" class={open ? "open" : ""}>
        <ul>
          {shown.map(({ name, path: of, icon, isFirst }) => {
            const address = of === "" ? `${base}/console` : pageAt(of);
            const here = of === "" ? path === address : path.startsWith(address);
            return (
              <li key={of} class={isFirst && "first"}>
                <a href={address} aria-current={here ? "page" : undefined}>
                  <Icon path={icon} />
                  {name}
                </a>
              </li>
            );
          })}
        </ul>
        <Foot />
      </nav>
      <main
        id="main"
        ref={main}
        tabIndex={-1}
        class={connection.value.state === "lost" ? "stale" : undefined}
      >
        <Lost />
        {children}
      </main>
      <Shortcuts pages={links} />
    </div>
  );
}

function Icon({ path }: { readonly path: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" class="icon">
      <path d={path} />
    </svg>
  );
}

function Connection() {
  const { state, lastNews } = connection.value;
  const shown = paused.value ? "paused" : state;
  const text = { live: "Live", paused: "Paused", lost: `Lost since ${clockTime(lastNews, zone())}` }[shown];
  return (
    <button
      type="button"
      class={`connection connection-${shown}`}
      title={paused.value ? "Continue (.)" : "Freeze the page (.)"}
      aria-pressed={paused.value}
      onClick={() => {
        paused.value = !paused.value;
      }}
    >
      {text}
    </button>
  );
}

function Lost() {
  return (
    <div aria-live="polite">
      {connection.value.state === "lost" && (
        <p class="lost">
          Connection lost. Reconnecting… What you see is from {clockTime(connection.value.lastNews, zone())}.
        </p>
      )}
    </div>
  );
}

function Foot() {
  const who = session.value;
  const signOut = () => void tell("/console/session", {}, "DELETE").then(askSession);
  return (
    <div class="foot">
      <p>
        <time>{clockTime(second.value >= 0 ? serverNow() : 0, zone())}</time>{" "}
        <button
          type="button"
          class="quiet"
          title="Switch between your time zone and UTC"
          onClick={() => {
            timeZone.value = timeZone.peek() === "utc" ? "local" : "utc";
          }}
        >
          {zone()}
        </button>
      </p>
      <p>
        Theme{" "}
        <button type="button" class="quiet" title="Change the theme (t)" onClick={nextTheme}>
          {theme.value}
        </button>
      </p>
      <p>
        {who?.name} <span class="faint">({who?.role})</span>
        {who?.by_key && (
          <button type="button" class="quiet" onClick={signOut}>
            Sign out
          </button>
        )}
      </p>
      <p class="faint">
        {who?.version} · <a href={`${base}/docs`}>API</a>
      </p>
    </div>
  );
}
