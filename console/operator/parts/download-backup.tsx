import { useState } from "preact/hooks";
import type { FindingsAnswer } from "../../../src/http/schemas/findings.ts";
import { api, base, session } from "../live/server.ts";
import { size } from "../rules/sizes.ts";
import { AskFirst } from "./ask-first.tsx";

/** Hands out a copy of the whole database, to someone who may see all that is in it and says why. */
export function DownloadBackup({ found }: { readonly found: FindingsAnswer }) {
  const [isBegun, setBegun] = useState(false);
  return (
    <AskFirst
      label="Download a backup"
      takes="admin"
      hindrance={hindranceOf(found)}
      title="Download a backup?"
      confirm="Download it"
      after={isBegun ? <Begun /> : null}
      opened={() => setBegun(false)}
      act={async (given) => {
        const query = `reveal=${encodeURIComponent(String(given.get("reason")).trim())}`;
        await api.text(`/backup?dry_run=true&${query}`); // a refusal of the download itself could not be shown here
        download(`${base}/backup?${query}`);
        setBegun(true);
      }}
    >
      <p>
        A snapshot of the whole database, with every payload in it, at most {size(sizeOf(found))}. It is
        copied and checked before the download begins, while everything goes on; nothing is left of it on the
        server afterwards.
      </p>
      <p>
        The master key is not in it: keep that elsewhere. The audit records who took a backup, when and why.
      </p>
      <label>
        Why
        <input name="reason" required pattern=".*\S.*" maxLength={500} />
      </label>
    </AskFirst>
  );
}

function Begun() {
  return <p>It is being copied and checked: about ten seconds for 600 MB. Then the download begins.</p>;
}

function hindranceOf({ free_disk_bytes }: FindingsAnswer): string | undefined {
  if (free_disk_bytes === null)
    return "only a SQLite file can be downloaded; back up PostgreSQL with pg_dump, or with a base backup and archived WAL";
  return session.value?.payloads === "full"
    ? undefined
    : "requires a key with full payloads: a backup holds all of them";
}

function sizeOf({ storage }: FindingsAnswer): number {
  return storage.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** By the browser itself, which writes it to disk as it comes. */
function download(path: string): void {
  const link = document.createElement("a");
  link.href = path;
  link.download = "";
  link.click();
}
