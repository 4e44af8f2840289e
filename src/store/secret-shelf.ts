/** Named secrets, sealed before they come here. */
export interface SecretShelf {
  get(name: string): Promise<string | undefined>;
  /** Keeps `sealed` unless the name is taken; what is kept now. */
  putOnce(name: string, sealed: string): Promise<string>;
}
