{% test between(model, column_name, least, most=none) %}
select * from {{ model }} where {{ column_name }} < {{ least }}
{% endtest %}
