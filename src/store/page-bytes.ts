/** No more is read for a page of an export once the payloads come to this; the last may exceed it. */
export const PAGE_BYTES = 8 * 1024 * 1024;
