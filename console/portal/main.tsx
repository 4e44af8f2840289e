import { render } from "preact";
import { App } from "./app.tsx";
import { begin, tellParent } from "./session.ts";
import { applyTheme } from "./theme.ts";

applyTheme(location.search);
const place = document.querySelector("#app") ?? document.body;
render(<App />, place);
void begin();

// a frame cannot grow by itself: the page around it is told how much room this one needs
let toldHeight = 0;
new ResizeObserver(() => {
  const height = Math.ceil(place.getBoundingClientRect().height);
  if (height === toldHeight) return;
  toldHeight = height;
  tellParent({ type: "posthorn:height", height });
  tellParent({ type: "svix.iframe-resizer-height", payload: { height } });
}).observe(place);
