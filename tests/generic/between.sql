{#- Every value lies between the bounds, both included. NULL passes, NaN does not. -#}
{% test between(model, column_name, lower=none, upper=none, tolerance=0) %}
    select {{ adapter.quote(column_name) }}
    from {{ model }}
    where
        {%- if lower is not none %}
        not {{ adapter.quote(column_name) }} >= {{ lower }} - {{ tolerance }}
        {%- endif %}
        {%- if lower is not none and upper is not none %}
        or
        {%- endif %}
        {%- if upper is not none %}
        not {{ adapter.quote(column_name) }} <= {{ upper }} + {{ tolerance }}
        {%- endif %}
{% endtest %}
