-- Months that are over are kept compressed. The two feeds have one schema and become one here.
{% set feeds = ['page_events_archive', 'page_events'] %}

{% for feed in feeds -%}
select
    event_id,
    visitor_id,
    customer_id,
    event_type,
    page,
    order_id,
    device,
    occurred_at,
    received_at,
    '{{ feed }}' as source_feed
from {{ source('raw', feed) }}
{% if not loop.last %}
union all

{% endif %}
{%- endfor %}
