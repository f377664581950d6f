{{ input_rows(ref('panel_blocks')) }}
