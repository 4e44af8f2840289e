import { metricsOf } from "../../observe/metrics/metrics-text.ts";
import type { Posthorn } from "../../posthorn.ts";
import type { Address } from "../terminal/values.ts";

/** Answers those who look after this process, where that is asked for. @throws ConfigurationError when the address cannot be listened on. */
export async function listenForMetricsOf(posthorn: Posthorn, address: Address | undefined) {
  if (!address) return undefined;
  const { listenForMetrics } = await import("../../http/metrics/metrics-listener.ts");
  const ready = async () => {
    if (posthorn.isDraining) throw new Error("the process is stopping");
    await posthorn.check();
  };
  return listenForMetrics({ ...address, metrics: metricsOf(posthorn), ready });
}
