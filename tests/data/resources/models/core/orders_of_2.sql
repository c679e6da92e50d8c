{{ config(tags=['second']) }}
select order_id, status, amount from {{ ref('orders', v=1) }} cross join {{ source('erp', 'amounts') }}
