# Coming back to MQL after a negative verdict is a new cycle with a first touch of its own; saying the same
# stage again is nothing. What was touched in time keeps its outcome, at the deadline of 13:00, though it was closed
# before.
2026-03-02 09:00 lead_stage_entered lead_id=again stage=mql
2026-03-02 09:30 lead_stage_entered lead_id=again stage=mql
2026-03-02 10:00 lead_touched lead_id=again team=sales
2026-03-02 11:00 lead_dispositioned lead_id=again verdict=recycled reason=timing
2026-03-03 09:00 lead_stage_entered lead_id=again stage=mql
expect 2026-03-03 12:00 all entered_mql reentered first_touch_met open_ verdicts_
  entered_mql 2026-03-02 09:00 1
  reentered_mql 2026-03-03 09:00 1
  open_mql 2026-03-03 09:00 1
  first_touch_met 2026-03-02 13:00 1
  verdicts_recycled[timing] 2026-03-02 11:00 1
# Nobody touches it this time.
expect 2026-03-03 13:01 all first_touch_missed
  first_touch_missed[unassigned] 2026-03-03 13:00 1
# A verdict before the deadline would have ended the cycle; after it the miss stays.
2026-03-03 14:00 lead_dispositioned lead_id=again verdict=rejected
expect 2026-03-03 15:00 all first_touch_missed open_ verdicts_
  first_touch_missed[unassigned] 2026-03-03 13:00 1
  verdicts_rejected 2026-03-03 14:00 1
  verdicts_recycled[timing] 2026-03-02 11:00 1
