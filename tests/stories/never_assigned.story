# Four MQLs come each morning, are assigned at once and called. Then six are assigned to nobody, and two of them called.
set dimensions = none
set divergence = off
each 2026-03-02 2026-03-06 x4 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-02 2026-03-06 x4 09:10 lead_assigned lead_id={} owner_id=rep
each 2026-03-02 2026-03-06 x4 09:30 lead_touched lead_id={} team=sales
each 2026-03-06 2026-03-07 x8 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-03-06 2026-03-07 x2 12:30 lead_touched lead_id={} team=sales
read 2026-03-06 13:20
alerts
  2026-03-06 13:15 firing page first_touch_slo all
# Most of those that were called had been assigned, so assignments are on record: routing let these wait.
summaries
  6 of 12 MQLs got no human touch by sales within 4 business hours: 50.0 % kept, 95.0 % promised; 6 of them were never assigned or spent most of the time in routing.
