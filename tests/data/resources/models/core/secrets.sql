select * from {{ ref('shop', 'customers') }}
