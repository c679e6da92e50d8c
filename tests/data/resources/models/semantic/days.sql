select order_id, {{ cents('order_id') }} as revenue, current_date as day from {{ ref('orders') }}
