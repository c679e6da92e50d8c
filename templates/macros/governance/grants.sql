{#- Grants. -#}

{% macro default__copy_grants() %}
    {{ return(true) }}
{% endmacro %}

{% macro snowflake__copy_grants() %}
    {{ return(config.get('copy_grants', false)) }}
{% endmacro %}

{#- Nothing is granted in a lake. -#}
{% macro datafusion__copy_grants() %}
    {{ return(false) }}
{% endmacro %}

{#- Whether one statement may name several grantees. -#}
{% macro default__support_multiple_grantees_per_dcl_statement() %}
    {{ return(true) }}
{% endmacro %}

{% macro snowflake__support_multiple_grantees_per_dcl_statement() %}
    {{ return(false) }}
{% endmacro %}

{% macro spark__support_multiple_grantees_per_dcl_statement() %}
    {{ return(false) }}
{% endmacro %}

{#- Whether a relation may have grants from before. -#}
{% macro should_revoke(existing_relation, full_refresh_mode=true) %}
    {%- if not existing_relation -%}
        {{ return(false) }}
    {%- endif -%}
    {{ return(copy_grants() if full_refresh_mode else true) }}
{% endmacro %}

{% macro default__get_show_grant_sql(relation) %}
    show grants on {{ relation.render() }}
{% endmacro %}

{% macro default__get_grant_sql(relation, privilege, grantees) -%}
    grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}

{% macro default__get_revoke_sql(relation, privilege, grantees) -%}
    revoke {{ privilege }} on {{ relation.render() }} from {{ grantees | join(', ') }}
{%- endmacro %}

{% macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
    {%- set statements = [] -%}
    {%- for privilege, grantees in grant_config.items() if grantees -%}
        {%- if support_multiple_grantees_per_dcl_statement() -%}
            {%- do statements.append(get_dcl_macro(relation, privilege, grantees)) -%}
        {%- else -%}
            {%- for grantee in grantees -%}
                {%- do statements.append(get_dcl_macro(relation, privilege, [grantee])) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(statements) }}
{% endmacro %}

{% macro default__call_dcl_statements(dcl_statement_list) %}
    {%- for dcl_statement in dcl_statement_list -%}
        {%- call statement('grants') -%}
            {{ dcl_statement }}
        {%- endcall -%}
    {%- endfor -%}
{% endmacro %}

{#- Makes the grants of a relation those of the config. -#}
{% macro default__apply_grants(relation, grant_config, should_revoke) %}
    {%- if not grant_config -%}
        {{ return('') }}
    {%- endif -%}
    {%- set wanted = grant_config -%}
    {%- set revoked = {} -%}
    {%- if should_revoke -%}
        {%- set current = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) -%}
        {%- set wanted = diff_of_two_dicts(grant_config, current) -%}
        {%- set revoked = diff_of_two_dicts(current, grant_config) -%}
    {%- endif -%}
    {%- do call_dcl_statements(
        get_dcl_statement_list(relation, revoked, get_revoke_sql) + get_dcl_statement_list(relation, wanted, get_grant_sql)
    ) -%}
{% endmacro %}

{% macro datafusion__apply_grants(relation, grant_config, should_revoke=true) %}
    {%- if grant_config -%}
        {%- do log('grants on ' ~ relation ~ ' are not applied: a lake has none') -%}
    {%- endif -%}
{% endmacro %}
