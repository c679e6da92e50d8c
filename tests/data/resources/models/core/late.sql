{{ config(materialized='incremental', unique_key=['id'], on_schema_change='fail', pre_hook="select 1", post_hook=[{'sql': 'select 2', 'transaction': false}, "select {{ var('currency') }}"], grants={'select': ['ann']}) }}
select 1 as id from {{ ref('calendar') }}
{% if is_incremental() %} where true {% endif %}
