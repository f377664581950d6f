{{ unpivot_agency_file('nbs') }}
