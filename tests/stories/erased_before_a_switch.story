# Who is erased stays in the segments in which he was then, as far as there are such; in a dimension that came later
# nothing is known of him. A dimension that comes back finds him where he was.
2026-03-02 09:00 lead_created lead_id=person source=webinar attributes.region=emea
2026-03-02 09:30 lead_stage_entered lead_id=person stage=mql
2026-03-02 10:00 lead_erased lead_id=person
read 2026-03-02 10:01
define dimensions = region,source
expect 2026-03-02 10:02 region=(empty) entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:00 1
expect 2026-03-02 10:02 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:00 1
define dimensions = region
expect 2026-03-02 10:03 region=(empty) entered_mql
  entered_mql 2026-03-02 09:00 1
expect 2026-03-02 10:03 source=webinar
# What is said later counts beside it.
2026-03-02 11:00 lead_stage_entered lead_id=person stage=sal
define dimensions = source
expect 2026-03-02 11:01 source=webinar entered_
  entered_lead 2026-03-02 09:00 1
  entered_mql 2026-03-02 09:00 1
  entered_sal 2026-03-02 11:00 1
