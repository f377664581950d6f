{{ input_rows(ref('warning_levels')) }}
