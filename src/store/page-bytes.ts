/** A page of an export stops when its payloads reach this size; the last one may exceed it. */
export const PAGE_BYTES = 8 * 1024 * 1024;
