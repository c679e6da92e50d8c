-- The appended fact holds every activity once, also those that came days after they happened.
select
    activities.activity_id,
    activities.days_late,
    count(facts.activity_id) as rows_in_fact
from {{ ref('silver_project_activities') }} as activities
left join {{ ref('fact_activities') }} as facts
    on activities.activity_id = facts.activity_id
group by activities.activity_id, activities.days_late
having count(facts.activity_id) <> 1
