/** Which deliveries to queue again. Every given condition has to hold. */
export interface RetryRequest {
  /** Default `failed`. */
  readonly status?: "failed" | "cancelled";
  /** Those to this target; the query string is not compared. */
  readonly targetUrl?: string;
  readonly createdFrom?: string | Date;
  readonly createdBefore?: string | Date;
}
