/** An endpoint of an application. */
export const ENDPOINT_PATH = "/app/{app}/endpoint/{endpoint}";
