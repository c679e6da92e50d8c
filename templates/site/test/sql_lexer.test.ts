/** The lexer: nothing is lost, and each thing has its class. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { lexLines, lexSql } from "../ui/sql_lexer";

const SQL = `{{ config(materialized='table') }}
-- l'été
select count(*) as n, "from", 'it''s', 1.5e3 /* two
lines */ from {{ ref('orders') }}
{% if x %} where é_1 = 2 {% endif %} {# note #}
`;

test("tokens joined are the text", () => {
  for (const text of [SQL, "", "'open", "/* open", "{{ open", "\u2028</script>", '"']) assert.equal(lexSql(text).map(([, part]) => part).join(""), text);
});

test("each thing has its class", () => {
  const kinds = new Map(lexSql(SQL).map(([kind, part]) => [part, kind]));
  assert.equal(kinds.get("select"), "k");
  assert.equal(kinds.get("count"), "f");
  assert.equal(kinds.get("'it''s'"), "s");
  assert.equal(kinds.get('"from"'), "");
  assert.equal(kinds.get("1.5e3"), "n");
  assert.equal(kinds.get("-- l'été"), "c");
  assert.equal(kinds.get("{# note #}"), "c");
  assert.equal(kinds.get("{{ ref('orders') }}"), "j");
  assert.equal(kinds.get("é_1"), "");
});

test("lines are those of the text", () => {
  assert.equal(lexLines(SQL).length, 5);
  assert.deepEqual(lexLines(SQL)[3][0], ["c", "lines */"]);
  assert.equal(lexLines("a").length, 1);
});
