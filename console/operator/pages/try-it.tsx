import { Head } from "../parts/marks.tsx";
import { TryCard } from "../parts/try-card.tsx";

/** The dev server's own receiver, with its faults. */
export function TryIt() {
  return (
    <>
      <Head
        title="Try it"
        note="A receiver inside this dev server, so you can see a delivery fail without anything else."
      />
      <TryCard />
    </>
  );
}
