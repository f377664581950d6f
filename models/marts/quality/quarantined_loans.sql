{{ config(schema='quality') }}
{{ public_quarantine(ref('int_credit__quarantined'), ref('int_credit__gate')) }}
