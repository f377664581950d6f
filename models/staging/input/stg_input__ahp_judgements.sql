{{ input_rows(ref('ahp_judgements')) }}
