{{ config(schema='restricted') }}

{%- set cells = [
    ('from_fault', 'from_enterprise_id', 'from_enterprise_id'),
    ('to_fault', 'to_enterprise_id', 'to_enterprise_id'),
    ('kind_fault', 'kind', 'kind'),
    ('amount_fault', 'amount', 'amount_as_read'),
    ('share_fault', 'share', 'share_as_read'),
    ('valid_from_fault', 'valid_from', 'valid_from_as_read'),
    ('valid_to_fault', 'valid_to', 'valid_to_as_read'),
    ('known_fault', 'known_at', 'known_at_as_read'),
    ('key_fault', 'from_enterprise_id', 'from_enterprise_id'),
] %}

{{ faulty_records(ref('int_neighbours__links_validated'), cells) }}
