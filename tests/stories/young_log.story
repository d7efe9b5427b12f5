# Twenty MQLs come each morning and half of them are called in time, from the third week on: the log is too young to
# know what is usual, so nobody says that more came than that. Their time is over at 13:00; up to 14:00 the window of
# a day has the twenty of the day before in it as well.
set dimensions = none
set divergence = off
each 2026-03-02 2026-03-20 x20 09:00 lead_stage_entered lead_id=ad-{} stage=mql
each 2026-03-02 2026-03-20 x20 09:05 lead_assigned lead_id=ad-{} owner_id=rep-1
each 2026-03-02 2026-03-12 x20 10:00 lead_touched lead_id=ad-{} team=sales
each 2026-03-12 2026-03-20 x10 10:00 lead_touched lead_id=ad-{} team=sales
read 2026-03-12 17:00
alerts
  2026-03-12 14:10 firing page first_touch_slo all
summaries
  10 of 20 MQLs got no human touch by sales within 4 business hours: 50.0 % kept, 95.0 % promised.
