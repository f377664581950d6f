{{ input_rows(ref('warning_rules')) }}
