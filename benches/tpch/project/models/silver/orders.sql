select
    o_orderkey,
    o_custkey,
    upper(trim(o_orderstatus)) as o_orderstatus,
    cast(o_totalprice as decimal(15, 2)) as o_totalprice,
    cast(o_orderdate as date) as o_orderdate,
    upper(trim(o_orderpriority)) as o_orderpriority,
    trim(o_clerk) as o_clerk,
    cast(o_shippriority as integer) as o_shippriority,
    trim(o_comment) as o_comment
from {{ ref('bronze_orders') }}
