{% macro cents(amount, scale=100) %}{{ helper(amount) }} * {{ scale }}{% endmacro %}
{% macro helper(x) %}{{ x }}{{ shared.one() if false }}{% endmacro %}
