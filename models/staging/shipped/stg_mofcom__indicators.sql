{{ unpivot_agency_file('synthetic_mofcom') }}
