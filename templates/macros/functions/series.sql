{#- Rows made of nothing: numbers and dates. -#}

{#- The least n for which 2 to the n is at least `upper_bound`. -#}
{% macro default__get_powers_of_two(upper_bound) %}
    {%- if upper_bound <= 0 -%}
        {{ exceptions.raise_compiler_error('upper bound must be positive') }}
    {%- endif -%}
    {%- for power in range(1, 100) if 2 ** power >= upper_bound -%}
        {{ return(power) }}
    {%- endfor -%}
{% endmacro %}

{#- A query of the numbers from 1 to `upper_bound` as `generated_number`. -#}
{#- Each bit is a table of two rows. -#}
{% macro default__generate_series(upper_bound) %}
    {%- set bits = get_powers_of_two(upper_bound) -%}
    with p as (
        select 0 as generated_number union all select 1
    ),

    unioned as (
        select
            {%- for bit in range(bits) %}
            p{{ bit }}.generated_number * power(2, {{ bit }}) +
            {%- endfor %}
            1 as generated_number
        from
            {%- for bit in range(bits) %}
            {{ 'cross join ' if not loop.first }}p as p{{ bit }}
            {%- endfor %}
    )

    select *
    from unioned
    where generated_number <= {{ upper_bound }}
    order by generated_number
{% endmacro %}

{% macro datafusion__generate_series(upper_bound) %}
    select value as generated_number from generate_series(1, {{ upper_bound }})
{% endmacro %}

{% macro duckdb__generate_series(upper_bound) %}
    select generate_series as generated_number from generate_series(1, {{ upper_bound }})
{% endmacro %}

{#- How many intervals lie between two expressions; the engine is asked. -#}
{% macro default__get_intervals_between(start_date, end_date, datepart) -%}
    {%- call statement('get_intervals_between', fetch_result=true) %}
        select {{ datediff(start_date, end_date, datepart) }}
    {%- endcall -%}
    {%- set result = load_result('get_intervals_between') -%}
    {%- if result and result['data'] -%}
        {{ return(result['data'][0][0]) }}
    {%- else -%}
        {{ return(1) }}
    {%- endif -%}
{%- endmacro %}

{#- A query of the dates from `start_date`, before `end_date`, as `date_<datepart>`. -#}
{% macro default__date_spine(datepart, start_date, end_date) %}
    with rawdata as (
        {{ generate_series(get_intervals_between(start_date, end_date, datepart)) }}
    ),

    all_periods as (
        select (
            {{ dateadd(datepart, 'row_number() over (order by generated_number) - 1', start_date) }}
        ) as date_{{ datepart }}
        from rawdata
    ),

    filtered as (
        select *
        from all_periods
        where date_{{ datepart }} <= {{ end_date }}
    )

    select * from filtered
{% endmacro %}
