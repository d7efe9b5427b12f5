# Five MQLs on each working day, and within a business day sales says something of four of them. Until there are eight
# weeks before the watched three it is learning; then one of five in silence is usual, and nothing is told. From Monday
# the 6th of April on sales is silent about all five. That is told; then verdicts arrive that had been given in time: the
# days are as usual after all, and it is over. When verdicts stop arriving at all, the feed is doubted before sales is.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set silent_leads.baseline = "56d"
set silent_leads.detect = "21d"
set silent_leads.min_n = 50
set silent_leads.alerts_per_month = 0.5
set silent_leads.clear = 2
set silent_leads.within = "1bd"
each 2026-01-05 2026-04-06 x5 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-04-06 x4 10:00 lead_dispositioned lead_id={} verdict=accepted
each 2026-01-05 2026-04-20 x1 11:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-01-05 2026-04-20 x1 13:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-01-05 2026-04-20 x1 15:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
read 2026-03-23 10:00
stands silent_leads learning=1
read 2026-04-06 10:00
stands silent_leads kept=1
alerts
each 2026-04-06 2026-04-17 x5 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-04-10 10:00
stands silent_leads broken=1
alerts
  2026-04-08 09:00 firing ticket silent_leads all
each 2026-04-06 2026-04-10 x4 10:00 lead_dispositioned lead_id={} verdict=accepted
read 2026-04-13 10:00
stands silent_leads kept=1
alerts
  2026-04-13 09:00 resolved ticket silent_leads all
summaries
  Sales said nothing within 8 business hours of 19 of 75 MQLs: 25.3 % (usual: 20.0 %).
  Resolved: lately sales said what it thinks of most MQLs within 8 business hours; over the watched days 20.0 % stayed without a word.
read 2026-04-21 16:00
stands silent_leads holding=1
alerts
  2026-04-14 09:00 firing ticket silent_leads all
