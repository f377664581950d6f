{{ input_rows(ref('rating_grades')) }}
