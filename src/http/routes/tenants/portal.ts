import { logoAnswer } from "../../pages/logo.ts";
import { pageAnswer } from "../../pages/page.ts";
import { servedFile } from "../../pages/served-file.ts";
import type { Answer, Route, Services } from "../../route.ts";

/** The page itself is open; what may be seen is decided for each of its requests. */
export function portalRoute({ portalOrigins, portalLogo }: Services): Route {
  return {
    method: "GET",
    path: "/portal",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "portal",
      tag: "Server",
      summary: "Get the portal, where a tenant's people manage their endpoints",
      description: "Opened by the url of a portal session.",
      answers: { 200: fileAnswer("text/html") },
      problems: [],
    },
    handle: () =>
      pageAnswer("portal", {
        ...{ title: "Webhooks", frames: portalOrigins },
        logo: portalLogo && `portal/${LOGO}`,
      }),
  };
}

/** Svix's links into its portal end with it. Browsers keep what stands behind the `#`, which lets somebody in. */
const SVIX_PAGE = "login";

const LOGO = "logo";

export function portalFileRoute({ portalLogo }: Services): Route {
  return {
    method: "GET",
    path: "/portal/{file}",
    needs: "none",
    scope: "everyone",
    operation: {
      id: "portalFile",
      tag: "Server",
      summary: "Get a file of the portal",
      parameters: [{ name: "file", in: "path", description: "The file's name, as in the page." }],
      answers: { 200: fileAnswer("text/javascript") },
      problems: [404],
    },
    handle: (c) => {
      const file = c.req.param("file") ?? "";
      if (file === SVIX_PAGE)
        return new Response(null, {
          status: 302,
          headers: { location: `../portal${new URL(c.req.url).search}` },
        });
      return file === LOGO && portalLogo ? logoAnswer(portalLogo) : servedFile("portal", file, c);
    },
  };
}

function fileAnswer(type: string): Answer {
  return { description: "The file.", type };
}
