{# '1 299,00' -> 1299.00. Whatever is not a digit, a sign or a separator goes (spaces of
   every width, currency signs); what still is not a number becomes null. #}
{% macro parse_french_decimal(column, precision=18, scale=2) -%}
    try_cast(
        replace(regexp_replace({{ column }}, '[^0-9,.-]', '', 'g'), ',', '.')
        as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}
