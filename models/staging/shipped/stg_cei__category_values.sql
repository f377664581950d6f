{{ unpivot_agency_file('synthetic_cei_categories') }}
