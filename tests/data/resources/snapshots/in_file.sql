{% snapshot in_a_block %}
  {{ config(unique_key='id', strategy='timestamp', updated_at='at', target_schema='blocks', hard_deletes='invalidate') }}
  select 1 as id, current_date as at from {{ ref('countries') }}
{% endsnapshot %}

{% snapshot second %}{{ config(unique_key='id', strategy='check', check_cols=['a']) }} select 1 as id, 2 as a{% endsnapshot %}
