/** The dialog that lists the shortcuts of the present page, and switches them off. */

import { useState } from "preact/hooks";
import { t } from "./i18n";
import { activeShortcuts, setSingleKeys, singleKeys } from "./keys";
import { Dialog, type DialogProps } from "./parts/dialog";
import { Icon } from "./parts/icon";

/** The help. */
export function Help(props: DialogProps) {
  return (
    <Dialog {...props} kind="help" label={t("help.title")}>
      {(close) => <Shortcuts onClose={close} />}
    </Dialog>
  );
}

function Shortcuts({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(singleKeys());
  const known = new Map(activeShortcuts().map((shortcut) => [shortcut.key, shortcut]));
  return (
    <>
      <header>
        <h2>{t("help.title")}</h2>
        <button type="button" class="tool" onClick={onClose} aria-label={t("close")}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {[...known.values()].map((shortcut) => [
          <dt key={shortcut.key}>
            {shortcut.key.split(" ").map((key) => (
              <kbd key={key}>{nameOf(key)}</kbd>
            ))}
          </dt>,
          <dd key={`${shortcut.key}:`}>{t(shortcut.label)}</dd>,
        ])}
      </dl>
      <label>
        <input type="checkbox" checked={on} onChange={(event) => (setOn(event.currentTarget.checked), setSingleKeys(event.currentTarget.checked))} />
        {t("help.single")}
      </label>
    </>
  );
}

const NAMES: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Enter: "↵" };

function nameOf(key: string): string {
  const plain = key.replace("mod+", "");
  const name = NAMES[plain] ?? plain;
  return key.startsWith("mod+") ? `Ctrl ${name.toUpperCase()}` : name;
}
