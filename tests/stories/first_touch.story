# The promise is four business hours; Monday to Friday, nine to five.
2026-03-02 10:00 lead_stage_entered lead_id=quick stage=mql
2026-03-02 10:30 lead_assigned lead_id=quick owner_id=rep-1
2026-03-02 11:00 lead_touched lead_id=quick team=sales automated=true
2026-03-02 12:00 lead_touched lead_id=quick team=sales
# A touch in time counts at the deadline, at 14:00, as a miss would; it was known two hours before.
expect 2026-03-02 14:00 all first_touch_met first_touch_missed touches_
  touches_sales 2026-03-02 12:00 1
expect 2026-03-02 14:01 all first_touch_met first_touch_missed
  first_touch_met 2026-03-02 14:00 1
# Overdue counts at the deadline, before any late touch arrives.
2026-03-02 16:00 lead_stage_entered lead_id=slow stage=mql
2026-03-02 16:10 lead_assigned lead_id=slow owner_id=rep-2
2026-03-02 16:00 lead_stage_entered lead_id=lost stage=mql
expect 2026-03-03 12:00 all first_touch_met first_touch_missed
  first_touch_met 2026-03-02 14:00 1
expect 2026-03-03 12:01 all first_touch_met first_touch_missed
  first_touch_met 2026-03-02 14:00 1
  first_touch_missed[sales] 2026-03-03 12:00 1
  first_touch_missed[unassigned] 2026-03-03 12:00 1
# A touch that was made in time and told late takes the miss back.
2026-03-03 11:59 lead_touched lead_id=slow team=sales channel=phone
expect 2026-03-03 12:02 all first_touch_met first_touch_missed touches_
  first_touch_met 2026-03-02 14:00 1
  first_touch_met 2026-03-03 12:00 1
  first_touch_missed[unassigned] 2026-03-03 12:00 1
  touches_sales 2026-03-02 12:00 1
  touches_sales 2026-03-03 11:59 1
