import { codeIn } from "./code-in.ts";

/**
 * `<posthorn-portal session="/webhooks-session">`: the portal in a page of yours. It asks that address of your server, by POST, for a
 * session whenever it needs one, grows with its content, and fires `posthorn-error` when it gets none.
 */
class PosthornPortal extends HTMLElement {
  readonly #frame = document.createElement("iframe");
  readonly #listen = (event: MessageEvent<unknown>) => this.#hear(event);

  connectedCallback(): void {
    const { style } = this.#frame;
    this.#frame.title = this.getAttribute("title") ?? "Webhooks";
    this.#frame.allow = "clipboard-write";
    style.width = "100%";
    style.border = "0";
    style.display = "block";
    addEventListener("message", this.#listen);
    this.append(this.#frame);
    void this.#asked().then((url) => {
      if (url) this.#frame.src = url;
    });
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.#listen);
    this.#frame.removeAttribute("src");
    this.#frame.remove();
  }

  #hear({ source, data }: MessageEvent<unknown>): void {
    if (source !== this.#frame.contentWindow || typeof data !== "object" || data === null) return;
    const { type, height } = data as { readonly type?: unknown; readonly height?: unknown };
    if (type === "posthorn:height") this.#frame.style.height = `${Number(height)}px`;
    if (type === "posthorn:expiring")
      void this.#asked().then((url) => {
        if (!url) return;
        const { origin, hash } = new URL(url);
        const code = codeIn(hash);
        this.#frame.contentWindow?.postMessage({ type: "posthorn:session", code }, origin);
      });
  }

  /** The address of a new session, as your server has it from Posthorn. */
  async #asked(): Promise<string | undefined> {
    try {
      const answer = await fetch(this.getAttribute("session") ?? "", { method: "POST" });
      if (!answer.ok) throw new Error(`the server answered ${answer.status} for a session`);
      return ((await answer.json()) as { readonly url: string }).url; // as docs/portal.md asks for it
    } catch (error) {
      this.dispatchEvent(new CustomEvent("posthorn-error", { detail: error }));
      return undefined;
    }
  }
}

customElements.get("posthorn-portal") ?? customElements.define("posthorn-portal", PosthornPortal);
