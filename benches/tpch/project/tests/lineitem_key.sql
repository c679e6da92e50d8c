-- The key of a line has two columns.
select l_orderkey, l_linenumber
from {{ ref('lineitem') }}
group by l_orderkey, l_linenumber
having count(*) > 1
