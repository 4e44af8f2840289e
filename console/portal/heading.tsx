import { useEffect, useRef } from "preact/hooks";
import { session } from "./session.ts";
import { words } from "./words.ts";

/** Until the reader goes from one page to another, the focus stays where the browser has put it. */
let hasMoved = false;
addEventListener("hashchange", () => {
  if (session.value) hasMoved = true; // else it is the code, which is wiped from the address
});

interface HeadingProps {
  readonly text: string;
  /** The part of the page that is open, for the window's title. */
  readonly part?: string;
}

/** Names the page and its window, and takes the focus from what was left: with a screen reader, that tells where one is. */
export function Heading({ text, part }: HeadingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (hasMoved) heading.current?.focus();
  }, []);
  useEffect(() => {
    document.title = [part, text, words.title].filter((each) => each !== undefined).join(" · ");
  }, [text, part]);
  return (
    <h1 ref={heading} class="long" tabIndex={-1}>
      {text}
    </h1>
  );
}
