"""The analyser of GoogleSQL looks at statements: those of a text, each below a line `-- title`. Prints the errors as JSON, by title.

usage: bigquery_analyzer.py FILE

The statements are about the table `p`.`d`.`t` and the query's `source_rows`, both with the columns of COLUMNS. Scripts are parsed as a
whole; of their statements those are analysed that stand alone: in their place variables are constants, and what follows a change of
columns is left out, since the table stays what it was.
"""

import json
import re
import sys

from zetasql.api import Analyzer, CatalogBuilder, Parser, TableBuilder
from zetasql.types import AnalyzerOptions, LanguageOptions, TypeKind, ZetaSQLBuiltinFunctionOptions

COLUMNS = {
    "id": TypeKind.TYPE_INT64,
    "amount": TypeKind.TYPE_NUMERIC,
    "day": TypeKind.TYPE_DATE,
    "at": TypeKind.TYPE_TIMESTAMP,
}
# Variables of scripts by what they are compared with.
CONSTANTS = [
    (r"(`day` in unnest\()dbt_internal_partitions_0", r"\1[date '2026-01-01']"),
    (r"(`at`, hour\) in unnest\()dbt_internal_partitions_0", r"\1[timestamp '2026-01-01']"),
    (r"dbt_internal_null_0", "true"),
]
# Parts of scripts, and an action that this build of the analyser has not.
NOT_ALONE = re.compile(r"(begin|declare|commit|end\b)|.*(__dbt_alter`|`new` = |set data type)", re.S)


def table(name):
    builder = TableBuilder(name)
    for column, kind in COLUMNS.items():
        builder = builder.add_column(column, kind)
    return builder.build()


def wrong(check, sql):
    try:
        check(sql)
    except Exception as error:  # The library has one kind.
        return [f"{str(error).splitlines()[0]}: {sql}"]
    return []


language = LanguageOptions.maximum_features()
catalog = CatalogBuilder("catalog").with_builtin_functions(ZetaSQLBuiltinFunctionOptions(language_options=language))
for name in ["source_rows", "t", "dbt_internal_rows"]:
    catalog = catalog.add_table(table(name))
analyzer = Analyzer(AnalyzerOptions(language_options=language), catalog.build())

found, analysed = {}, 0
for part in re.split(r"^-- ", open(sys.argv[1]).read(), flags=re.M)[1:]:
    title, sql = part.split("\n", 1)
    errors = wrong(lambda sql: Parser.parse_script_static(sql, language), sql)
    flat = sql.replace("`p`.`d`.`t`", "t")
    for pattern, constant in CONSTANTS:
        flat = re.sub(pattern, constant, flat)
    for statement in flat.split(";"):
        statement = re.sub(r"^\s*begin\n(?!transaction)", "", statement).strip()
        if statement and not NOT_ALONE.match(statement):
            errors += wrong(analyzer.analyze_statement, statement)
            analysed += 1
    found[title] = errors
json.dump({"errors": found, "analysed": analysed}, sys.stdout)
