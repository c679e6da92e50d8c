select ps_partkey, ps_suppkey
from {{ ref('partsupp') }}
group by ps_partkey, ps_suppkey
having count(*) > 1
