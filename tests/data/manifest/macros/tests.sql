{% test anything(model, column_name=none, a=none, b=none, c=none) %}
select 1 as nothing from {{ model }} where false
{% endtest %}
