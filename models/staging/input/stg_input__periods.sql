{{ input_rows(ref('periods')) }}
