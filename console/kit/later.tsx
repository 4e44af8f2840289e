import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Problem } from "./problem.tsx";

/** A component whose code is loaded when it is first shown. @param Meanwhile stands in its place until then. */
export function later(load: () => Promise<ComponentType>, Meanwhile: ComponentType): ComponentType {
  let loaded: ComponentType | undefined;
  return function Later() {
    const [Shown, setShown] = useState(() => loaded);
    const [isMissing, setMissing] = useState(false);
    useEffect(() => {
      load().then(
        (found) => {
          loaded = found;
          setShown(() => found);
        },
        () => setMissing(true), // the server is away, or of another release by now
      );
    }, []);
    if (Shown) return <Shown />;
    if (!isMissing) return <Meanwhile />;
    return <Problem text="A part of this page could not be loaded. Reload the page." />;
  };
}
