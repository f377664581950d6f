{{ input_rows(ref('policy_cases')) }}
