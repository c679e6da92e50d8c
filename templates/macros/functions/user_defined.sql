{#- Functions of the project's own: the statement that makes one, in parts that adapters and projects have their own of. -#}

{% materialization function, default, supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='function') -%}
    {{- run_hooks(pre_hooks, inside_transaction=false) -}}
    {{- run_hooks(pre_hooks) -}}
    {%- set kind = model.config.get('type') or 'scalar' -%}
    {%- set statement_text = adapter.dispatch(kind ~ '_function_' ~ model.language, 'dbt')(target_relation) -%}
    {{- function_execute_build_sql(statement_text, none, target_relation) -}}
    {{- run_hooks(post_hooks) -}}
    {{- run_hooks(post_hooks, inside_transaction=false) -}}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro default__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
    {%- call statement('main') -%}
        {{ build_sql }}
    {%- endcall -%}
{% endmacro %}

{% macro default__scalar_function_sql(target_relation) -%}
{{ scalar_function_create_replace_signature_sql(target_relation) | trim }}
{{ scalar_function_body_sql() | trim }}
{%- endmacro %}

{% macro default__scalar_function_create_replace_signature_sql(target_relation) -%}
CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() | trim }})
RETURNS {{ model.returns.data_type }} {{ scalar_function_volatility_sql() | trim }} AS
{%- endmacro %}

{#- What arguments are left out for is known to few engines: without their word for it, each argument must be given. -#}
{% macro default__formatted_scalar_function_args_sql() -%}
    {%- set formatted = [] -%}
    {%- for argument in model.arguments -%}
        {%- do formatted.append(argument.name ~ ' ' ~ argument.data_type) -%}
    {%- endfor -%}
    {{ formatted | join(', ') }}
{%- endmacro %}

{% macro datafusion__formatted_scalar_function_args_sql() -%}
    {%- set formatted = [] -%}
    {%- for argument in model.arguments -%}
        {%- set value = argument.get('default_value') -%}
        {%- set default = '' if value is none else ' DEFAULT ' ~ value -%}
        {%- do formatted.append(argument.name ~ ' ' ~ argument.data_type ~ default) -%}
    {%- endfor -%}
    {{ formatted | join(', ') }}
{%- endmacro %}

{% macro default__scalar_function_body_sql() -%}
$$
{{ model.compiled_code }}
$$ LANGUAGE SQL
{%- endmacro %}

{#- An expression; a query of one value is one between parentheses. -#}
{% macro bigquery__scalar_function_body_sql() -%}
((
{{ model.compiled_code }}
))
{%- endmacro %}

{#- BigQuery sees itself what a function depends on. -#}
{% macro bigquery__scalar_function_volatility_sql() -%}
    {%- set volatility = model.config.get('volatility') -%}
    {%- if volatility is not none and volatility != 'deterministic' -%}
        {%- do unsupported_volatility_warning(volatility) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__scalar_function_volatility_sql() -%}
    {%- set volatility = model.config.get('volatility') -%}
    {%- set words = {'deterministic': 'IMMUTABLE', 'stable': 'STABLE', 'non-deterministic': 'VOLATILE'} -%}
    {%- if volatility in words -%}
        {{ words[volatility] }}
    {%- elif volatility is not none -%}
        {%- do unsupported_volatility_warning(volatility) -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__unsupported_volatility_warning(volatility) %}
    {%- do exceptions.warn(
        '`volatility` of function `' ~ model.name ~ '` is `' ~ volatility ~ '`, which ' ~ adapter.type() ~ ' does not know: it is left out'
    ) -%}
{% endmacro %}
