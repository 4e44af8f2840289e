import { href, matched, route } from "../kit/router.ts";
import { AllActivity } from "./all-activity.tsx";
import { AllDeliveries } from "./deliveries/all-deliveries.tsx";
import { EndpointPage } from "./endpoint/endpoint.tsx";
import { NewEndpoint } from "./endpoint/new-endpoint.tsx";
import { Endpoints } from "./endpoints.tsx";
import { Catalogue } from "./event-types/catalogue.tsx";
import { Heading } from "./heading.tsx";
import { may, session } from "./session.ts";
import { Verify } from "./verify.tsx";
import { words } from "./words.ts";

const PAGES = [
  ["/", words.pages.endpoints],
  ["/deliveries", words.pages.deliveries],
  ["/activity", words.pages.activity],
  ["/event-types", words.pages.types],
  ["/verify", words.pages.verify],
] as const;

export function App() {
  if (session.value === undefined) return null;
  if (session.value === null || !may("view")) {
    const { title, todo } = session.value === null ? words.over : words.noView;
    return (
      <main class="note">
        <Heading key={title} text={title} />
        <p>{todo}</p>
      </main>
    );
  }
  return (
    <>
      <header>
        <nav aria-label={words.pages.label}>
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
  if (path === "/deliveries") return <AllDeliveries />;
  if (path === "/activity") return <AllActivity />;
  if (path === "/event-types") return <Catalogue />;
  if (path === "/verify") return <Verify />;
  if (path === "/endpoints/new") return may("endpoints") ? <NewEndpoint /> : <Endpoints />;
  const [id, tab = "deliveries"] =
    matched("/endpoints/:id", path) ?? matched("/endpoints/:id/:tab", path) ?? [];
  return id === undefined ? <Endpoints /> : <EndpointPage key={id} id={id} tab={tab} />;
}
