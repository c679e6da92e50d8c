{{ config(
    materialized='incremental',
    unique_key=['order_id', 'country'],
    schema='served',
    meta={'pii': false},
    tags=['nightly']
) }}
select orders.order_id, countries.name as country, customers.name, orders.amount, orders.status
from {{ ref('stg_orders') }} as orders
left join {{ ref('stg_customers') }} as customers using (customer_id)
left join {{ ref('shop', 'countries') }} as countries on countries.code = orders.country
