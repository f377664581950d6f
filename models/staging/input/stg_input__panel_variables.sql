{{ input_rows(ref('panel_variables')) }}
