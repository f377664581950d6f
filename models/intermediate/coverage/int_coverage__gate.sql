{#-
    Gate of the part coverage: fails the build if one of its tables has a violation, listing all of them.
-#}
{{ gate_of_part(
    ref('int_coverage__violations'), 'intermediate.int_coverage__violations', 'coverage',
    'No coverage was computed.'
) }}
