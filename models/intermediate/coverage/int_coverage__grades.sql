select
    scale,
    grade,
    {{ to_integer('notch') }} as notch

from {{ first_records(ref('stg_input__rating_grades'), ['scale', 'grade']) }} as grades
