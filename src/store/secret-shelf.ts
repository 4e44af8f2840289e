/** Named secrets, sealed before they come here. */
export interface SecretShelf {
  getSecret(name: string): Promise<string | undefined>;
  /** Keeps `sealed` unless the name is taken; what is kept now. */
  putSecretOnce(name: string, sealed: string): Promise<string>;
}
