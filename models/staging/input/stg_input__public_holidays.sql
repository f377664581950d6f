{{ input_rows(ref('public_holidays')) }}
