/** What a request's context holds whose answer has waited for its job's end, and so does not tell how long accepting takes. */
export const WAITED = "waited";
