import { useState } from "preact/hooks";
import { Problem } from "../../kit/problem.tsx";
import { askSession, session, tell } from "../live/server.ts";
import { Horn } from "../parts/horn.tsx";
import { Snippet } from "../parts/marks.tsx";

/** Where somebody without a session comes in. */
export function SignIn() {
  const [problem, setProblem] = useState<string>();
  const signIn = async (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem("key") as HTMLInputElement; // the one below
    try {
      await tell("/console/session", { key: input.value });
      input.value = "";
      await askSession();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  };
  document.title = "Sign in · Posthorn";
  return (
    <main class="sign-in">
      <h1>
        <Horn /> Posthorn
      </h1>
      {session.value?.by_key === false ? (
        <p>Sign in to the application that this console is part of, then reload this page.</p>
      ) : (
        <form onSubmit={(event) => void signIn(event)}>
          <label>
            API key
            <input name="key" type="password" autocomplete="off" required placeholder="phk_…" />
          </label>
          <Problem text={problem} />
          <button type="submit" class="solid">
            Sign in
          </button>
          <p class="faint">
            You stay signed in for twelve hours in this browser, with the key's role. To create a key, where
            the server runs:
          </p>
          <Snippet text={"npx posthorn keys create \\\n  --name you --role read"} />
          <p class="faint">
            Add the server’s <code>--database</code>, or set <code>POSTHORN_DATABASE</code>, if it has one.
          </p>
        </form>
      )}
    </main>
  );
}
