{#-
    Gate of the part credit_models: fails the build if one of its tables has a violation, listing all of them.
-#}
{{ gate_of_part(
    ref('int_credit__violations'), 'intermediate.int_credit__violations', 'models of credit risk',
    'No model was estimated.'
) }}
