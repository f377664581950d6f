{{ input_rows(ref('indicators')) }}
