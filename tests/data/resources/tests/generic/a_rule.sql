{% test a_rule(model, column_name=none) %}select 1 as a from {{ model }} where {{ cents(1) }} = 0{% endtest %}
