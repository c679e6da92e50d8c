{{ config(materialized='table', contract={'enforced': true}) }}
select 1 as customer_id, 'x' as name -- {{ ref('orders') }} {{ ref('orders', version=1) }}
