{{ input_rows(ref('credit_models'), instead=['observations', 'loans']) }}
