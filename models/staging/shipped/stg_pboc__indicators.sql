{{ unpivot_agency_file('synthetic_pboc') }}
