{# Catches the feed that came empty and the join that multiplied its rows. #}
{% test row_count_between(model, min_rows=1, max_rows=none) %}

with counted as (

    select count(*) as row_count
    from {{ model }}

)

select row_count
from counted
where
    row_count < {{ min_rows }}
    {%- if max_rows is not none %}
    or row_count > {{ max_rows }}
    {%- endif %}

{% endtest %}
