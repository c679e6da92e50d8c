{% macro one() %}{{ return(adapter.dispatch('one', 'shared')()) }}{% endmacro %}
{% macro default__one() %}1{% endmacro %}
