/** In bytes: how much of an answer is kept with the attempt. */
export const LONGEST_EXCERPT = 16 * 1024;

/**
 * The start of a body as text. Bytes that are not UTF-8 become U+FFFD, so do NULs, which PostgreSQL's text cannot hold;
 * a character that would be cut in two is left out.
 */
export function excerptOf(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  if (!first) return "";
  const bytes = chunks.length === 1 ? first : Buffer.concat(chunks);
  const text = bytes.length > LONGEST_EXCERPT ? cut(bytes) : bytes.toString("utf8");
  return text.includes("\0") ? text.replaceAll("\0", "\ufffd") : text;
}

/** A decoder in the middle of a stream holds back the first bytes of a character that is not whole. */
function cut(bytes: Buffer): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, LONGEST_EXCERPT), {
    stream: true,
  });
}
