import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

/** The command before another one that makes it record what it asks of the disk and what it sends, for `RecordedDisk`. */
export function recording(file: string): string[] {
  const calls = "trace=pwrite64,ftruncate,fsync,fdatasync,write,writev";
  return ["strace", "-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "200000", "-e", calls, "-o", file];
}

/** What a disk keeps in one piece. */
const SECTOR_BYTES = 512;

const CALL = /^(\d+) +(\w+)\(\d+<([^>]*)>(.*)/;
const RESUMED = /^(\d+) +<\.\.\. (?:fsync|fdatasync) resumed>/;

/** To a file, or to what a socket sends. */
type Happened = "changed" | "synced" | { readonly sent: string };

/** What was asked of a file and not yet synced. */
type Change = { readonly at: number; readonly bytes: Buffer } | { readonly length: number };

/** A file's bytes, in a buffer with room to grow. */
class Contents {
  #room: Buffer;
  #length: number;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#room = Buffer.from(bytes);
    this.#length = bytes.length;
  }

  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  apply(change: Change): void {
    if ("length" in change) {
      this.#room.fill(0, change.length);
      this.#resize(change.length);
      return;
    }
    this.#resize(Math.max(this.#length, change.at + change.bytes.length));
    change.bytes.copy(this.#room, change.at);
  }

  #resize(length: number): void {
    if (length > this.#room.length) {
      const room = Buffer.alloc(2 * length);
      this.bytes.copy(room);
      this.#room = room;
    }
    this.#length = length;
  }
}

/** A file as it is for sure after a power cut, and what may be there besides. */
class RecordedFile {
  readonly #synced = new Contents();
  readonly #changes: Change[] = [];

  change(change: Change): void {
    this.#changes.push(change);
  }

  /** @returns ends the sync: all that had been asked for when it began is then on the disk. */
  beginSync(): () => void {
    const count = this.#changes.length;
    return () => {
      for (const change of this.#changes.splice(0, count)) this.#synced.apply(change);
    };
  }

  /** After a power cut: of what was not synced, each sector is there or not as `isKept` says. */
  left(isKept: () => boolean): Buffer {
    const left = new Contents(this.#synced.bytes);
    const apply = (change: Change) => {
      if (isKept()) left.apply(change);
    };
    for (const change of this.#changes) {
      if ("length" in change) apply(change);
      else
        for (let from = 0; from < change.bytes.length; from += SECTOR_BYTES)
          apply({ at: change.at + from, bytes: change.bytes.subarray(from, from + SECTOR_BYTES) });
    }
    return left.bytes;
  }
}

/** Plays back what a process asked of its disk. */
export class RecordedDisk {
  readonly #files = new Map<string, RecordedFile>();
  /** What each thread's sync will have synced when it ends. */
  readonly #syncing = new Map<string, () => void>();

  /** What it did, one after the other: what has come back by then is what the disk was asked for. */
  async *play(recording: string): AsyncGenerator<Happened> {
    for await (const line of createInterface({ input: createReadStream(recording, "latin1") })) {
      const happened = this.#happened(line);
      if (happened) yield happened;
    }
  }

  #happened(line: string): Happened | undefined {
    const [, thread = ""] = RESUMED.exec(line) ?? [];
    if (thread !== "") {
      this.#syncing.get(thread)?.();
      return "synced";
    }
    const [, caller = "", call = "", place = "", rest = ""] = CALL.exec(line) ?? [];
    if (call === "") return undefined;
    const path = unhexed(place).toString();
    if (call === "write" || call === "writev")
      return path.startsWith("socket:") ? { sent: strings(rest).toString("latin1") } : undefined;
    const file = this.#file(path);
    if (call === "pwrite64") {
      file.change({ at: Number(/, (\d+)(?:\)| <unf)/.exec(rest)?.[1]), bytes: strings(rest) });
      return "changed";
    }
    if (call === "ftruncate") {
      file.change({ length: Number(/^, (\d+)/.exec(rest)?.[1]) });
      return "changed";
    }
    const end = file.beginSync();
    if (rest.includes("<unfinished")) {
      this.#syncing.set(caller, end);
      return undefined;
    }
    end();
    return "synced";
  }

  left(path: string, isKept: () => boolean): Buffer {
    return this.#file(path).left(isKept);
  }

  #file(path: string): RecordedFile {
    const known = this.#files.get(path);
    if (known) return known;
    const file = new RecordedFile();
    this.#files.set(path, file);
    return file;
  }
}

/** All that stands in quotes, together. */
function strings(args: string): Buffer {
  return Buffer.concat(
    [...args.matchAll(/"([^"]*)"(\.\.\.)?/g)].map(([, text = "", cut]) => {
      assert.equal(cut, undefined, "it was recorded whole");
      return unhexed(text);
    }),
  );
}

function unhexed(text: string): Buffer {
  return Buffer.from(text.replaceAll("\\x", ""), "hex");
}
