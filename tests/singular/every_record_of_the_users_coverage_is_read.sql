{#- Compares the records that the inspection counted in each file with the rows read from it. -#}
{{ unread_records(part='coverage') }}
