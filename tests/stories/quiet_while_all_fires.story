# The whole company breaks its promise because of the leads of the webinar. While it is told so, nobody is told of the
# webinar. When the others, whose time is over at 14:00, mend the figures of the company, its alert goes after an hour.
# What was told of the webinar with the company is not told again; that three more of its leads wait for too long is, while
# as many others are called.
set first_touch_slo.target = 0.5
set first_touch_slo.gate = 0.3
set first_touch_slo.min_n = 3
2026-03-02 09:00 lead_created lead_id=a source=webinar
2026-03-02 09:00 lead_stage_entered lead_id=a stage=mql
2026-03-02 09:00 lead_created lead_id=b source=webinar
2026-03-02 09:00 lead_stage_entered lead_id=b stage=mql
2026-03-02 09:00 lead_created lead_id=c source=webinar
2026-03-02 09:00 lead_stage_entered lead_id=c stage=mql
2026-03-02 09:20 lead_touched lead_id=other team=sales
2026-03-02 10:00 lead_created lead_id=d source=ads
2026-03-02 10:00 lead_stage_entered lead_id=d stage=mql
2026-03-02 10:02 lead_touched lead_id=d team=sales
2026-03-02 10:00 lead_created lead_id=e source=ads
2026-03-02 10:00 lead_stage_entered lead_id=e stage=mql
2026-03-02 10:02 lead_touched lead_id=e team=sales
2026-03-02 10:00 lead_created lead_id=f source=ads
2026-03-02 10:00 lead_stage_entered lead_id=f stage=mql
2026-03-02 10:02 lead_touched lead_id=f team=sales
2026-03-02 10:00 lead_created lead_id=g source=ads
2026-03-02 10:00 lead_stage_entered lead_id=g stage=mql
2026-03-02 10:02 lead_touched lead_id=g team=sales
2026-03-02 12:10 lead_created lead_id=h source=webinar
2026-03-02 12:10 lead_stage_entered lead_id=h stage=mql
2026-03-02 12:10 lead_created lead_id=i source=webinar
2026-03-02 12:10 lead_stage_entered lead_id=i stage=mql
2026-03-02 12:10 lead_created lead_id=j source=webinar
2026-03-02 12:10 lead_stage_entered lead_id=j stage=mql
2026-03-02 12:10 lead_created lead_id=k source=ads
2026-03-02 12:10 lead_stage_entered lead_id=k stage=mql
2026-03-02 12:12 lead_touched lead_id=k team=sales
2026-03-02 12:10 lead_created lead_id=l source=ads
2026-03-02 12:10 lead_stage_entered lead_id=l stage=mql
2026-03-02 12:12 lead_touched lead_id=l team=sales
2026-03-02 12:10 lead_created lead_id=m source=ads
2026-03-02 12:10 lead_stage_entered lead_id=m stage=mql
2026-03-02 12:12 lead_touched lead_id=m team=sales
read 2026-03-02 13:20
alerts
  2026-03-02 13:15 firing ticket first_touch_slo all
2026-03-02 14:02 lead_touched lead_id=other team=sales
read 2026-03-02 16:10
alerts
  2026-03-02 15:05 resolved ticket first_touch_slo all
read 2026-03-02 16:59
alerts
  2026-03-02 16:25 firing ticket first_touch_slo source=webinar
summaries
  3 of 3 MQLs got no human touch by sales within 4 business hours: 0.0 % kept, 50.0 % promised.
  Resolved: 4 of the last 7 MQLs got a human touch by sales within 4 business hours: 57.1 % kept, 50.0 % promised.
  3 of 3 MQLs (source=webinar) got no human touch by sales within 4 business hours: 0.0 % kept, 50.0 % promised. Outside source=webinar 100.0 % are touched in time.
