select {{ function('double_it') }}(order_id) as n, {{ cents(2) }} as c from {{ ref('orders') }}
