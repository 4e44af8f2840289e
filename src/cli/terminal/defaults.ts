/** In the working directory. */
export const DEFAULT_DATABASE = "posthorn.db";

/** Where `posthorn listen` listens, and what the server's first example delivers to. */
export const DEFAULT_LISTEN_PORT = 9000;
