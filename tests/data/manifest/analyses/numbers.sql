select count(*) from {{ ref('sales') }}
