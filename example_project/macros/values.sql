{# 'oui', 'yes', 'TRUE', '1' -> true; 'non', 'no', 'FALSE', '0' -> false; else null. #}
{% macro parse_boolean(column) -%}
    case
        when lower(trim({{ column }})) in ('oui', 'yes', 'true', '1') then true
        when lower(trim({{ column }})) in ('non', 'no', 'false', '0') then false
    end
{%- endmacro %}


{# The id of a dimension's member, or of its `unknown` member where the dimension lacks it. #}
{% macro or_unknown(column) -%}
    coalesce({{ column }}, 'unknown')
{%- endmacro %}
