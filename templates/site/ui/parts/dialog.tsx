/** Modal dialogs: the browser keeps the focus inside, closes on Escape and gives the focus back. */

import { Fragment, type ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/** What a dialog is told: `turn` is a new number each time that it is asked for, and 0 while it is closed. */
export interface DialogProps {
  turn: number;
  onClose: () => void;
}

/** A dialog. A click beside it closes it. Its content is drawn anew for each turn, and gets what closes it. */
export function Dialog({ turn, onClose, kind, label, children }: DialogProps & { kind: string; label: string; children: (close: () => void) => ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = () => dialog.current?.close();
  // Before anything is painted: what is typed at once behind the shortcut is meant for the dialog.
  useLayoutEffect(() => {
    if (turn === 0) close();
    else if (!dialog.current?.open) dialog.current?.showModal();
  }, [turn]);
  // The browser tells of the end of a turn a while after it: the next one may have begun.
  const closed = () => dialog.current?.open || onClose();
  return (
    <dialog ref={dialog} class={kind} aria-label={label} onClose={closed} onClick={(event) => event.target === dialog.current && close()}>
      {turn > 0 && <Fragment key={turn}>{children(close)}</Fragment>}
    </dialog>
  );
}
