{{ input_rows(ref('index_indicators')) }}
