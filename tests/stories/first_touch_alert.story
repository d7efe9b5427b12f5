# Five of six MQLs wait in vain. None is assigned to anybody, nor is the one that is called: that is not recorded here, and
# says nothing of routing.
2026-03-02 09:00 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 09:20 lead_touched lead_id=f team=sales
read 2026-03-02 13:10
alerts
# beat first_touch_slo fires: the alert waits for ten minutes of business time
read 2026-03-02 13:20
alerts
  2026-03-02 13:15 firing page first_touch_slo all
summaries
  5 of 6 MQLs got no human touch by sales within 4 business hours: 16.7 % kept, 95.0 % promised.
# beat first_touch_slo clears: the misses of 13:00 leave the last short window, two working days, on Wednesday
read 2026-03-09 09:00
alerts
  2026-03-04 15:00 resolved page first_touch_slo all
summaries
  Resolved: no MQL has been due for a first touch lately.
