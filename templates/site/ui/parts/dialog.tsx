/** Modal dialogs: the browser keeps the focus inside, closes on Escape and gives the focus back. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** A dialog, open while `open` is true. A click beside it closes it. Its content is drawn only while it is open, and gets what closes it. */
export function Dialog({ open, onClose, kind, label, children }: { open: boolean; onClose: () => void; kind: string; label: string; children: (close: () => void) => ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  // Before anything is painted: what is typed at once behind the shortcut is meant for the dialog.
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else close();
  }, [open]);
  return (
    <dialog ref={dialog} class={kind} aria-label={label} onClose={onClose} onClick={(event) => event.target === dialog.current && close()}>
      {open && children(close)}
    </dialog>
  );
}
