/** A part of a page with a heading of its own. */

import type { ComponentChildren } from "preact";

/** A section; `card` puts it in a frame. */
export function Section({ title, aside, card = false, children }: { title: string; aside?: ComponentChildren; card?: boolean; children: ComponentChildren }) {
  return (
    <section class={card ? "card" : "section"} aria-label={title}>
      <header>
        <h2>{title}</h2>
        {aside && <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}
