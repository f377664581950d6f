{#-
    How many consecutive months end with the latest, from a mask whose bit k says that there is something
    in the month k months before some reference month. Dividing by the lowest set bit (x & -x) brings the
    latest month to bit 0; adding 1 turns the run of ones into a single bit, whose place is the run's length.
-#}
{% macro run_of_months(mask) -%}
    {%- set aligned = "cast(" ~ mask ~ " / (" ~ mask ~ " & -" ~ mask ~ ") as " ~ dbt.type_bigint() ~ ")" -%}
    case
        when {{ mask }} > 0
            then cast(
                round(log2(({{ aligned }} + 1) & -({{ aligned }} + 1))) as {{ dbt.type_bigint() }}
            )
        else 0
    end
{%- endmacro %}
