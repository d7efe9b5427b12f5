# Facts older than is kept are late, counted and dropped. Closed journeys are freed and stay counted; open
# ones are freed when nothing was heard of them for long, and are open no more.
set retention_days = 100
set open_retention_days = 400
2026-03-02 09:00 lead_stage_entered lead_id=won stage=mql
2026-03-02 10:00 lead_dispositioned lead_id=won verdict=rejected reason=budget
2026-03-02 09:00 lead_stage_entered lead_id=silent stage=mql
expect 2026-06-20 00:00 all entered_mql open_
  entered_mql 2026-03-02 09:00 2
  open_mql 2026-03-02 09:00 1
2026-03-02 11:00 lead_touched lead_id=won team=sales
outcomes applied=3 late=1
expect 2027-04-20 00:00 all entered_mql open_
  entered_mql 2026-03-02 09:00 2
