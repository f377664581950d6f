{{ config(schema='quality') }}
{{ public_quarantine(ref('int_coverage__quarantined'), ref('int_coverage__gate')) }}
