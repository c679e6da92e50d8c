{{ config(materialized='ephemeral') }}

-- One typed row per order, the good and the bad. `silver_orders` and `silver_order_rejects`
-- part them by the same columns, so no order can fall between the two.
with exports as (

    select
        *,
        min(exported_at) over (partition by order_id) as first_exported_at
    from {{ ref('bronze_orders') }}

),

latest_exports as (

    {{ deduplicate('exports', unique_key='order_id', order_by='exported_at desc') }}

)

select
    order_id,
    {{ clean_text('customer_id') }} as customer_id,
    ordered_at as ordered_at_given,
    {{ parse_timestamp('ordered_at') }} as ordered_at,
    {{ clean_text('sales_channel', letter_case='lower') }} as sales_channel,
    {{ clean_text('status', letter_case='lower') }} as status,
    {{ clean_text('currency', letter_case='upper') }} as currency,
    shipping_fee,
    {{ clean_text('payment_method', letter_case='lower') }} as payment_method,
    first_exported_at,
    exported_at
from latest_exports
