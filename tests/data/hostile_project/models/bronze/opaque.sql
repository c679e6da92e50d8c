{{ config(static_analysis="off") }}
select * from {{ ref('attack') }}
