/** A button that copies a text. */

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./icon";

/** Copies `text` and says so for a moment; a `bare` button shows its icon only. */
export function CopyButton({ text, label, bare = false }: { text: string; label?: string; bare?: boolean }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button type="button" class="button quiet" onClick={() => void copy(text).then(() => setDone(true))}>
      <Icon name={done ? "done" : "copy"} size={14} />
      <span class={bare ? "unseen" : undefined} aria-live="polite">{done ? t("copy.done") : (label ?? t("copy"))}</span>
    </button>
  );
}

/** Copies a text; pages from disk may be refused the clipboard, and then a selection does it. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
