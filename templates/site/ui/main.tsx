/**
 * The start of the site.
 *
 * The script stands in the head, so that the theme is set before anything is drawn and the core is on its way while the page is parsed.
 */

import { render } from "preact";
import "./css/tokens.css";
import "./css/base.css";
import "./css/shell.css";
import "./css/parts.css";
import "./css/pages.css";
import "./css/lineage.css";
import "./css/print.css";
import { startLang, t } from "./i18n";
import { watchKeys } from "./keys";
import { Notice } from "./parts/notice";
import { parseRoute, watchAddress } from "./route";
import { Shell } from "./shell";
import { boot, LoadError, open } from "./store";
import { startTheme } from "./theme";

const asked = parseRoute(location.hash).query;
startTheme(asked.get("theme"));
startLang(asked.get("lang"));
open();

// In a single file the data stands in the body, which is not parsed yet; files beside the page can be asked for at once.
const parsed = new Promise<void>((resolve) => document.addEventListener("DOMContentLoaded", () => resolve()));
const beside = document.currentScript?.hasAttribute("src");
const core = beside ? boot() : parsed.then(boot);
// It is looked at below, once there is a body; until then a failure is no unhandled one.
core.catch(() => undefined);

void parsed.then(async () => {
  const root = document.getElementById("app")!;
  try {
    startLang(asked.get("lang"), (await core).meta.lang);
  } catch (error) {
    root.replaceChildren();
    render(<Unreadable error={error} />, root);
    return;
  }
  watchAddress();
  watchKeys();
  root.replaceChildren();
  render(<Shell />, root);
});

/** What is shown when there is no core: without it there is no page to show. */
function Unreadable({ error }: { error: unknown }) {
  const message = error instanceof LoadError ? t(`load.${error.reason}`, { file: error.file }) : String(error);
  return (
    <main class="main">
      <Notice tone="bad">{message}</Notice>
    </main>
  );
}
