{# Nulls pass: `not_null` is a test of its own. #}
{% test valid_email(model, column_name) %}

select {{ column_name }}
from {{ model }}
where not {{ is_email(column_name) }}

{% endtest %}
