/** The tests of a node. */

import type { Quality, Test } from "../../data";
import { t } from "../../i18n";
import { With } from "../../parts/data";
import { Empty } from "../../parts/empty";
import { TestTable } from "../../parts/test_table";
import type { Loaded } from "../../store";

/** The table of a node's tests; failing ones first. */
export function NodeTests({ tests, data, count }: { tests: Test[]; data: Loaded<Quality>; count: number }) {
  if (count === 0) return <Empty title={t("tests.none")}>{t("tests.none_text")}</Empty>;
  return <With data={data}>{() => <TestTable tests={tests} caption={t("tab.tests")} withNode={false} />}</With>;
}
