{#- The queries round a test's own. -#}

{#- The relation under test, or the rows of it that the config `where` keeps. -#}
{% macro default__get_where_subquery(relation) -%}
    {%- set where = config.get('where', '') -%}
    {%- if not where -%}
        {{ return(relation) }}
    {%- endif -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ where ~ ') dbt_subquery') }}
{%- endmacro %}

{#- The query that counts the failures of `main_sql` and judges them. -#}
{% macro default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
select
  {{ fail_calc }} as failures,
  {{ fail_calc }} {{ warn_if }} as should_warn,
  {{ fail_calc }} {{ error_if }} as should_error
from (
{{ main_sql }}
{{ 'limit ' ~ limit if limit is not none }}
) dbt_internal_test
{%- endmacro %}

{#- The rows that a unit test got and those that it expected, told apart by a column. -#}
{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
with dbt_internal_unit_test_actual as (
    select {{ expected_column_names | join(', ') }}, {{ string_literal('actual') }} as {{ adapter.quote('actual_or_expected') }}
    from (
{{ main_sql }}
    ) as _dbt_internal_unit_test_actual
),

dbt_internal_unit_test_expected as (
    select {{ expected_column_names | join(', ') }}, {{ string_literal('expected') }} as {{ adapter.quote('actual_or_expected') }}
    from (
{{ expected_fixture_sql }}
    ) as _dbt_internal_unit_test_expected
)

select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}
