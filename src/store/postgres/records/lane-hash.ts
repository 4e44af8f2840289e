/** What the attempts of an endpoint are found by; null for jobs of other lanes, see lane-order.ts. */
export function laneHash(lane: string): string {
  return `case when ${lane} >= 'app_' and ${lane} < 'app\`' then hashtextextended(${lane}, 0) end`;
}
