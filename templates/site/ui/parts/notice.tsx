/** Messages to the reader: a warning, a failure, a remark. */

import type { ComponentChildren } from "preact";
import { Icon } from "./icon";

/** A message across the page. */
export function Notice({ tone, children }: { tone?: "warn" | "bad"; children: ComponentChildren }) {
  return (
    <div class={`notice ${tone ?? ""}`} role={tone === "bad" ? "alert" : undefined}>
      <Icon name={tone ?? "idle"} />
      <div>{children}</div>
    </div>
  );
}
