# An alert names who is in its sum, and nobody else. Of the twenty MQLs of Monday two go on, and on Tuesday there are two that
# are too young to judge: those of Monday that did not go on are named.
set dimensions = none
set divergence.baseline = 1 a day, 0.5 convert
set divergence.horizon_days = 1
set divergence.detect_days = 10
set divergence.clear_days = 2
each 2026-03-02 2026-03-03 x20 09:00 lead_stage_entered lead_id={} stage=mql
2026-03-02 10:00 lead_stage_entered lead_id=03-02/9 stage=sql
2026-03-02 10:00 lead_stage_entered lead_id=03-02/8 stage=sql
each 2026-03-03 2026-03-04 x2 10:00 lead_stage_entered lead_id=young-{} stage=mql
read 2026-03-04 09:00
alerts
  2026-03-04 09:00 firing ticket divergence all
summaries
  MQLs went from 1 to 11 a business day (over 2 business days) while MQL→SQL within 1 day fell from 50.0 % to 10.0 %.
named
  03-02/7 03-02/6 03-02/5 03-02/4 03-02/3
