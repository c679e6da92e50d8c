{# The value of one parameter of a URL's query, in lower case; null where it is absent. #}
{% macro url_parameter(url, name) -%}
    lower(nullif(split_part(split_part({{ url }}, '{{ name }}=', 2), '&', 1), ''))
{%- endmacro %}


{# Good enough to write to: one @, no space, a domain with a dot. #}
{% macro is_email(column) -%}
    regexp_like({{ column }}, '^[^@ ]+@[^@ ]+[.][a-z]{2,}$')
{%- endmacro %}
