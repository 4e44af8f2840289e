/** Which deliveries to queue again. Every given condition has to hold. */
export interface RetryRequest {
  /** Default `failed`. */
  readonly status?: "failed" | "cancelled";
  /** Those to this target; the query string is not compared. */
  readonly targetUrl?: string;
  /** Accepted at or after this moment: a Date, or RFC 3339. */
  readonly createdFrom?: string | Date;
  /** Accepted before this moment. */
  readonly createdBefore?: string | Date;
}
