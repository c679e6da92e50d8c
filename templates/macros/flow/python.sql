{#- What stands behind the function of a Python model: the `dbt` that runners call it with, as `dbtObj(load)`, where `load` makes a data
    frame of a relation's name. -#}

{#- The name of a relation by which `load` finds it. -#}
{%- macro default__resolve_model_name(input_model_name) -%}
    {{ input_model_name | string }}
{%- endmacro -%}

{%- macro build_ref_function(model) -%}
    {%- set relations = {} -%}
    {%- for call in model.refs -%}
        {%- set names = [call.package, call.name] if call.package else [call.name] -%}
        {%- set relation = ref(*names, v=call.version) -%}
        {#- All rows: what `--empty` and `--sample` leave out is left out by queries. -#}
        {%- set relation = relation.render() if relation.render is callable else relation -%}
        {%- set key = names | join('.') ~ ('.v' ~ call.version if call.version else '') -%}
        {%- do relations.update({key: resolve_model_name(relation)}) -%}
    {%- endfor -%}
def ref(*args, **kwargs):
    version = kwargs.get("v") or kwargs.get("version")
    name = ".".join(args) + (f".v{version}" if version else "")
    relations = {{ relations | tojson }}
    return kwargs["dbt_load_df_function"](relations[name])
{%- endmacro -%}

{%- macro build_source_function(model) -%}
    {%- set relations = {} -%}
    {%- for names in model.sources -%}
        {%- do relations.update({names | join('.'): resolve_model_name(source(*names))}) -%}
    {%- endfor -%}
def source(*args, dbt_load_df_function):
    relations = {{ relations | tojson }}
    return dbt_load_df_function(relations[".".join(args)])
{%- endmacro -%}

{#- The configs that the model asks for, with the defaults that it gives. -#}
{%- macro build_config_dict(model) -%}
    {%- set configs, metas = {}, {} -%}
    {%- for key, default in zip(model.config.config_keys_used or [], model.config.config_keys_defaults or []) -%}
        {%- do configs.update({key: model.config.get(key, default)}) -%}
    {%- endfor -%}
    {%- for key, default in zip(model.config.meta_keys_used or [], model.config.meta_keys_defaults or []) -%}
        {%- do metas.update({key: (model.config.meta or {}).get(key, default)}) -%}
    {%- endfor -%}
config_dict = {{ configs }}
meta_dict = {{ metas }}
{%- endmacro -%}

{%- macro py_script_postfix(model) -%}
# The model ends here. What follows was added to it: the object that it is called with.

{{ build_ref_function(model) }}


{{ build_source_function(model) }}


{{ build_config_dict(model) }}


class config:
    def __init__(self, *args, **kwargs):
        """What the model says of itself was read already."""

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    database = "{{ this.database }}"
    schema = "{{ this.schema }}"
    identifier = "{{ this.identifier }}"

    def __repr__(self):
        return '{{ resolve_model_name(this) }}'


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

{{ py_script_comment() }}
{%- endmacro -%}

{#- For adapters and projects: how the script is run. -#}
{%- macro py_script_comment() -%}{%- endmacro -%}
