/** What is shown where there is nothing of a name: a link may be older than the site. */

import { t } from "../i18n";
import { Empty } from "../parts/empty";
import { PageHead } from "../parts/page";
import { href } from "../route";

/** The page for a name that nothing has. */
export function Missing({ name }: { name: string }) {
  return (
    <>
      <PageHead title={t("missing.title")} />
      <Empty title={name}>
        {t("missing.text", { name })} <a href={href(["search"])}>{t("page.search")}</a>
      </Empty>
    </>
  );
}
