/**
 * What a session of the portal may do, each besides the others: look (`view`), make and change endpoints (`endpoints`), see and rotate
 * their secrets (`secrets`), send them an example (`test`), send one delivery again (`retry`), send what an endpoint missed (`replay`),
 * set their headers and how they authenticate (`headers`), set their limits (`limits`).
 */
export const CAPABILITIES = [
  "view",
  "endpoints",
  "secrets",
  "test",
  "retry",
  "replay",
  "headers",
  "limits",
] as const;

export type Capability = (typeof CAPABILITIES)[number];

export const BY_DEFAULT: readonly Capability[] = CAPABILITIES.filter((each) => each !== "limits");
