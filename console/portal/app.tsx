import { Note } from "../kit/controls.tsx";
import { href, matched, route } from "../kit/router.ts";
import { Catalogue } from "./catalogue.tsx";
import { EndpointPage } from "./endpoint.tsx";
import { Endpoints } from "./endpoints.tsx";
import { NewEndpoint } from "./new-endpoint.tsx";
import { session } from "./session.ts";
import { Verify } from "./verify.tsx";

const PAGES = [
  ["/", "Endpoints"],
  ["/event-types", "Event types"],
  ["/verify", "Verify"],
] as const;

export function App() {
  if (session.value === undefined) return null;
  if (session.value === null)
    return (
      <main>
        <Note title="This session is over">Go back to where you came from, and open this page again.</Note>
      </main>
    );
  return (
    <>
      <header>
        <nav aria-label="Pages">
          {PAGES.map(([path, name]) => (
            <a key={path} href={href(path)} aria-current={isAt(path) ? "page" : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main>{pageAt(route.value)}</main>
    </>
  );
}

function isAt(path: string): boolean {
  return path === "/" ? route.value === "/" || route.value.startsWith("/endpoints") : route.value === path;
}

function pageAt(path: string) {
  if (path === "/event-types") return <Catalogue />;
  if (path === "/verify") return <Verify />;
  if (path === "/endpoints/new") return <NewEndpoint />;
  const [id, tab = "deliveries"] =
    matched("/endpoints/:id", path) ?? matched("/endpoints/:id/:tab", path) ?? [];
  return id === undefined ? <Endpoints /> : <EndpointPage key={id} id={id} tab={tab} />;
}
