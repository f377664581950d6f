{{ input_rows(ref('units')) }}
