select
    p_partkey,
    trim(p_name) as p_name,
    trim(p_mfgr) as p_mfgr,
    trim(p_brand) as p_brand,
    upper(trim(p_type)) as p_type,
    cast(p_size as integer) as p_size,
    upper(trim(p_container)) as p_container,
    cast(p_retailprice as decimal(15, 2)) as p_retailprice,
    trim(p_comment) as p_comment
from {{ ref('bronze_part') }}
