select
    ps_partkey,
    ps_suppkey,
    cast(ps_availqty as integer) as ps_availqty,
    cast(ps_supplycost as decimal(15, 2)) as ps_supplycost,
    trim(ps_comment) as ps_comment
from {{ ref('bronze_partsupp') }}
