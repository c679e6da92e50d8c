-- Every order that was ever exported is either valid or in quarantine, and never both.
with exported as (

    select distinct order_id from {{ ref('bronze_orders') }}

),

placed as (

    select order_id from {{ ref('silver_orders') }}
    union all
    select order_id from {{ ref('silver_order_rejects') }}

),

counted as (

    select
        order_id,
        count(*) as places
    from placed
    group by order_id

)

select
    exported.order_id,
    coalesce(counted.places, 0) as places
from exported
left join counted
    on exported.order_id = counted.order_id
where coalesce(counted.places, 0) <> 1
