select 3 as order_id
