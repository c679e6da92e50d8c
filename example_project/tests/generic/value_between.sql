{% test value_between(model, column_name, min_value=0, max_value=1) %}

select {{ column_name }}
from {{ model }}
where {{ column_name }} not between {{ min_value }} and {{ max_value }}

{% endtest %}
