import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigurationError, messageOf } from "../../core/errors.ts";
import { CONTENT_TYPES } from "../../observe/metrics/exposition.ts";
import { formatOf, type MetricsText } from "../../observe/metrics/metrics-text.ts";

export interface MetricsListenerOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly metrics: MetricsText;
  /** Throws what is wrong when the process is not ready. */
  ready(): Promise<void>;
}

type Answer = readonly [status: number, type: string, text: string];

export interface MetricsListening {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Answers `/metrics`, `/healthz`, `/startupz` and `/readyz` on an address of their own, without a key: for those who look after a process,
 * and for one that serves no API. It shows numbers, and nothing about any job.
 * @throws ConfigurationError when the address cannot be listened on.
 */
export async function listenForMetrics({
  host,
  port,
  metrics,
  ready,
}: MetricsListenerOptions): Promise<MetricsListening> {
  const answers: Readonly<Record<string, (accept: string | null) => Promise<Answer>>> = {
    "/healthz": async () => [200, "text/plain", "ok\n"],
    "/startupz": async () => [200, "text/plain", "ok\n"],
    "/readyz": () =>
      ready().then(
        () => [200, "text/plain", "ok\n"] as const,
        (error: unknown) => [503, "text/plain", `${messageOf(error)}\n`] as const,
      ),
    "/metrics": async (accept) => {
      const format = formatOf(accept);
      return [200, CONTENT_TYPES[format], await metrics.text(format)];
    },
  };
  const answerTo = async ({ url, method, headers }: IncomingMessage): Promise<Answer> => {
    const answer = answers[url?.split("?")[0] ?? ""];
    if (!answer) return [404, "text/plain", "there are /metrics, /healthz, /startupz and /readyz\n"];
    if (method !== "GET" && method !== "HEAD") return [405, "text/plain", "only GET is answered\n"];
    return answer(headers.accept ?? null);
  };
  const server = createServer(async (request, response) => {
    const [status, type, text] = await answerTo(request).catch(
      (error: unknown): Answer => [500, "text/plain", `${messageOf(error)}\n`],
    );
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(request.method === "HEAD" ? undefined : text);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new ConfigurationError(`cannot listen on ${host}:${port} for metrics: ${messageOf(cause)}`, {
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  const { address, port: actual, family } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
