{{ input_rows(ref('panel_specs')) }}
