{#- What `default__` forms say that no adapter in general can do. -#}
{% macro not_for_this_adapter(name) %}
    {{ exceptions.raise_not_implemented(
        '`' ~ name ~ '` has no form for ' ~ adapter.type() ~ ': a macro `' ~ adapter.type() ~ '__' ~ name ~ '` would be one'
    ) }}
{% endmacro %}
