/** API keys. */
export interface KeyRing {
  add(key: ApiKey): Promise<void>;
  find(id: string): Promise<ApiKey | undefined>;
  /** Newest first. */
  list(): Promise<ApiKey[]>;
  /** Undefined when there is no such key; a key revoked before keeps its first date. */
  revoke(id: string, now: number): Promise<ApiKey | undefined>;
}

export type Role = "admin" | "send" | "read";

/** An API key as it is kept: never the key, only its hash. */
export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the secret part, hex. */
  readonly hash: string;
  readonly createdAt: number;
  readonly revokedAt: number | null;
}
