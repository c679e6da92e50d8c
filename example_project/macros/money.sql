{# 1250 -> 12.50 #}
{% macro cents_to_euros(column) -%}
    cast(cast({{ column }} as decimal(18, 2)) / 100 as decimal(18, 2))
{%- endmacro %}


{# Rounds an exact decimal expression to cents. #}
{% macro to_cents(expression) -%}
    cast(round({{ expression }}, 2) as decimal(18, 2))
{%- endmacro %}


{# A share between 0 and 1, null where there is nothing to share. #}
{% macro ratio(numerator, denominator, digits=4) -%}
    round(
        cast({{ numerator }} as double) / cast(nullif({{ denominator }}, 0) as double),
        {{ digits }}
    )
{%- endmacro %}
