{#- Hooks: statements of the user's own before and after a node. -#}

{#- Runs the hooks that belong inside of the transaction, or those that belong outside. -#}
{% macro run_hooks(hooks, inside_transaction=true) %}
    {%- for hook in hooks if hook.transaction == inside_transaction -%}
        {%- set statement_text = render(hook.sql) | trim -%}
        {%- if statement_text -%}
            {%- do run_query(statement_text) -%}
        {%- endif -%}
    {%- endfor -%}
{% endmacro %}

{% macro make_hook_config(sql, inside_transaction) -%}
    {{ tojson({'sql': sql, 'transaction': inside_transaction}) }}
{%- endmacro %}

{% macro before_begin(sql) -%}
    {{ make_hook_config(sql, inside_transaction=false) }}
{%- endmacro %}

{% macro in_transaction(sql) -%}
    {{ make_hook_config(sql, inside_transaction=true) }}
{%- endmacro %}

{% macro after_commit(sql) -%}
    {{ make_hook_config(sql, inside_transaction=false) }}
{%- endmacro %}
