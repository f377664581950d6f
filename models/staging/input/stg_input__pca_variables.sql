{{ input_rows(ref('pca_variables')) }}
