-- What a unit costs us: the average of the receipts, weighted by their quantity.
select
    product_id,
    sum(quantity) as units_received,
    {{ to_cents('sum(quantity * unit_cost_eur) / sum(quantity)') }} as unit_cost_eur
from {{ ref('silver_stock_movements') }}
where movement_type = 'receipt'
group by product_id
