{{ config(schema='quality') }}
{{ public_quarantine(ref('int_neighbours__quarantined'), ref('int_input__gate')) }}
