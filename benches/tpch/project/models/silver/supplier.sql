select
    s_suppkey,
    trim(s_name) as s_name,
    trim(s_address) as s_address,
    s_nationkey,
    trim(s_phone) as s_phone,
    cast(s_acctbal as decimal(15, 2)) as s_acctbal,
    trim(s_comment) as s_comment
from {{ ref('bronze_supplier') }}
