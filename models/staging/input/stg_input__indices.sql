{{ input_rows(ref('indices')) }}
