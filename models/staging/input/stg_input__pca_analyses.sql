{{ input_rows(ref('pca_analyses')) }}
