import type { EndpointAnswer } from "../../../src/http/schemas/endpoint.ts";

/** What an endpoint allows of itself, in words. */
export function limitWords({ concurrency, rate, ordered }: NonNullable<EndpointAnswer["limits"]>): string {
  return [
    ...(ordered ? ["one at a time, in order"] : []),
    ...(concurrency === undefined ? [] : [`${concurrency} at once`]),
    ...(rate ? [`${rate.limit} per ${rate.per}`] : []),
  ].join(", ");
}
