{# One row per key: the first in the given order. #}
{% macro deduplicate(relation, unique_key, order_by) -%}
    select *
    from {{ relation }}
    qualify row_number() over (partition by {{ unique_key }} order by {{ order_by }}) = 1
{%- endmacro %}
