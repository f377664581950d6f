{{ input_rows(ref('index_nodes')) }}
