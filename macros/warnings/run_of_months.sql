{#-
    The number of consecutive months that end with the latest month of a mask. Bit k of the mask stands for the month
    k months before a reference month. Dividing by the lowest set bit (x & -x) moves the latest month to bit 0.
    Adding 1 turns the run of ones into a single bit, whose position is the length of the run.
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
