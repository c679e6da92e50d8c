select
    r_regionkey,
    trim(r_name) as r_name,
    trim(r_comment) as r_comment
from {{ ref('bronze_region') }}
