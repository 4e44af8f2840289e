/** The key by which an endpoint's attempts are found; null for jobs of other lanes, see lane-order.ts. */
export function laneHash(lane: string): string {
  return `case when ${lane} >= 'app_' and ${lane} < 'app\`' then hashtextextended(${lane}, 0) end`;
}
