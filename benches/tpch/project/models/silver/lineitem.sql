select
    l_orderkey,
    l_partkey,
    l_suppkey,
    cast(l_linenumber as integer) as l_linenumber,
    cast(l_quantity as decimal(15, 2)) as l_quantity,
    cast(l_extendedprice as decimal(15, 2)) as l_extendedprice,
    cast(l_discount as decimal(15, 2)) as l_discount,
    cast(l_tax as decimal(15, 2)) as l_tax,
    upper(trim(l_returnflag)) as l_returnflag,
    upper(trim(l_linestatus)) as l_linestatus,
    cast(l_shipdate as date) as l_shipdate,
    cast(l_commitdate as date) as l_commitdate,
    cast(l_receiptdate as date) as l_receiptdate,
    upper(trim(l_shipinstruct)) as l_shipinstruct,
    upper(trim(l_shipmode)) as l_shipmode,
    trim(l_comment) as l_comment
from {{ ref('bronze_lineitem') }}
