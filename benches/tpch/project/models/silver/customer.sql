select
    c_custkey,
    trim(c_name) as c_name,
    trim(c_address) as c_address,
    c_nationkey,
    trim(c_phone) as c_phone,
    cast(c_acctbal as decimal(15, 2)) as c_acctbal,
    upper(trim(c_mktsegment)) as c_mktsegment,
    trim(c_comment) as c_comment
from {{ ref('bronze_customer') }}
