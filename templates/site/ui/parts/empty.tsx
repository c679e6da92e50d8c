/** The state of having nothing to show. It says why, and what would change that. */

import type { ComponentChildren } from "preact";

/** What a page shows where there is nothing, and why. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children && <span>{children}</span>}
    </div>
  );
}
