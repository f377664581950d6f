{{ input_rows(ref('credit_features'), instead=['observations', 'loans']) }}
