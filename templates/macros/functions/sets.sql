{#- Comparing rows and values. -#}

{% macro default__except() %}
    except
{% endmacro %}

{% macro bigquery__except() %}
    except distinct
{% endmacro %}

{% macro default__intersect() %}
    intersect
{% endmacro %}

{% macro bigquery__intersect() %}
    intersect distinct
{% endmacro %}

{#- Two nulls are equal only where the project's flag says so. -#}
{% macro default__equals(expr1, expr2) -%}
    {%- if adapter.behavior.enable_truthy_nulls_equals_macro -%}
        case when ({{ expr1 }} = {{ expr2 }}) or ({{ expr1 }} is null and {{ expr2 }} is null)
            then 0
            else 1
        end = 0
    {%- else -%}
        ({{ expr1 }} = {{ expr2 }})
    {%- endif -%}
{%- endmacro %}

{% macro snowflake__equals(expr1, expr2) -%}
    {%- if adapter.behavior.enable_truthy_nulls_equals_macro -%}
        ({{ expr1 }} is not distinct from {{ expr2 }})
    {%- else -%}
        ({{ expr1 }} = {{ expr2 }})
    {%- endif -%}
{%- endmacro %}
