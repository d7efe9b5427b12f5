# Five of six MQLs wait in vain, and more have come since whose time is not over.
2026-03-02 09:00 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 09:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 09:20 lead_touched lead_id=f team=sales
# The hour of 09:00 holds some that are due and this one, which is not: only whole hours are counted.
2026-03-02 09:20 lead_stage_entered lead_id=g stage=mql
2026-03-02 09:25 lead_touched lead_id=g team=sales
2026-03-02 09:50 lead_dispositioned lead_id=g verdict=recycled
2026-03-02 10:00 lead_stage_entered lead_id=h stage=mql
2026-03-02 10:10 lead_touched lead_id=h team=sales
2026-03-02 11:30 lead_stage_entered lead_id=i stage=mql
2026-03-02 12:10 lead_stage_entered lead_id=g stage=mql
read 2026-03-02 13:20
alerts
  2026-03-02 13:15 firing page first_touch_slo all
summaries
  5 of 6 MQLs got no human touch by sales within 4 business hours: 16.7 % kept, 95.0 % promised.
# h, i, and g once more.
young
  3 first_touch_slo all
