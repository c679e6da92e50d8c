-- The quarantine: orders we cannot place on the calendar, kept until the source is corrected.
select
    order_id,
    customer_id,
    ordered_at_given,
    status,
    first_exported_at,
    exported_at,
    'the order date is not a date' as reject_reason
from {{ ref('silver_orders_typed') }}
where ordered_at is null
