select
    n_nationkey,
    trim(n_name) as n_name,
    n_regionkey,
    trim(n_comment) as n_comment
from {{ ref('bronze_nation') }}
