select
    spec_code,
    {{ adapter.quote('position') }} as piece,
    {{ significant_digits_or_infinite(adapter.quote('low')) }} as low,
    {{ significant_digits_or_infinite(adapter.quote('high')) }} as high

from {{ ref('panel_results') }}
where record = 'ar_piece'
