# Five MQLs on each working day, and within a business day sales says something of four of them. Of leads of long ago it
# says something three times a day, so that its feed is heard whatever it thinks of the new ones.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set silent_leads.baseline = "56d"
set silent_leads.detect = "7d"
set silent_leads.min_n = 50
set silent_leads.alerts_per_month = 0.5
set silent_leads.clear = 2
set silent_leads.within = "1bd"
each 2026-01-05 2026-04-06 x5 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-01-05 2026-04-06 x4 10:00 lead_dispositioned lead_id={} verdict=accepted
each 2026-01-05 2026-04-27 x1 11:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-01-05 2026-04-27 x1 13:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-01-05 2026-04-27 x1 15:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
# beat silent_leads learning: there are not yet eight weeks before the watched one
read 2026-03-06 10:00
stands silent_leads learning=1
alerts
# beat silent_leads quiet: one of five in silence is usual here
read 2026-04-06 10:00
stands silent_leads kept=1
alerts
# beat silent_leads fires: of Monday's five sales says nothing; their time is over on Tuesday evening
each 2026-04-06 2026-04-13 x5 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-04-10 10:00
stands silent_leads broken=1
alerts
  2026-04-08 09:00 firing ticket silent_leads all
summaries
  Since 6 Apr sales said nothing within 8 business hours of 5 of 5 MQLs: 100.0 % (usual: 20.0 %).
# beat silent_leads late: verdicts arrive that had been given in time, and the days are as usual after all
each 2026-04-06 2026-04-10 x4 10:00 lead_dispositioned lead_id={} verdict=accepted
read 2026-04-13 10:00
stands silent_leads kept=1
alerts
  2026-04-13 09:00 resolved ticket silent_leads all
summaries
  Resolved: lately 20.0 % of MQLs stayed without a word from sales for 8 business hours (usual: 20.0 %); since 31 Mar it was 20.0 %.
# beat silent_leads fires: Friday's five are as silent
read 2026-04-14 10:00
alerts
  2026-04-14 09:00 firing ticket silent_leads all
summaries
  Since 10 Apr sales said nothing within 8 business hours of 5 of 5 MQLs: 100.0 % (usual: 20.0 %).
# beat silent_leads clears: of what comes from Monday the 13th on sales speaks as it did, and goes on so
each 2026-04-13 2026-04-27 x5 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-04-13 2026-04-27 x4 10:00 lead_dispositioned lead_id={} verdict=accepted
read 2026-04-24 10:00
alerts
  2026-04-21 09:00 resolved ticket silent_leads all
summaries
  Resolved: lately 20.0 % of MQLs stayed without a word from sales for 8 business hours (usual: 20.0 %); since 10 Apr it was 33.3 %.
# beat silent_leads holds: no verdicts arrive at all, and the feed is doubted before sales is
each 2026-04-27 2026-05-01 x5 09:00 lead_stage_entered lead_id={} stage=mql
read 2026-04-30 16:00
stands silent_leads holding=1
alerts
  2026-04-28 15:00 firing ticket no_data all · crm verdicts
# beat silent_leads quiet: the feed is back on Monday without what sales said meanwhile, and nobody is held to that
each 2026-05-04 2026-06-01 x5 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-05-04 2026-06-01 x4 10:00 lead_dispositioned lead_id={} verdict=accepted
each 2026-05-04 2026-06-01 x1 11:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-05-04 2026-06-01 x1 13:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-05-04 2026-06-01 x1 15:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
read 2026-05-29 10:00
stands silent_leads kept=1
alerts
  2026-05-04 11:00 resolved ticket no_data all · crm verdicts
# beat silent_leads fires: sales falls silent for good
each 2026-06-01 2026-08-03 x5 09:00 lead_stage_entered lead_id={} stage=mql
each 2026-06-01 2026-08-03 x2 10:00 lead_dispositioned lead_id={} verdict=accepted
each 2026-06-01 2026-08-03 x1 11:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-06-01 2026-08-03 x1 13:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
each 2026-06-01 2026-08-03 x1 15:30 lead_dispositioned lead_id=old-{} verdict=recycled reason=later
read 2026-07-13 10:00
stands silent_leads broken=1
alerts
  2026-06-05 09:00 firing ticket silent_leads all
# beat silent_leads clears: both agree that it is so: what is set holds at once, for the alert as well
define silent_leads.baseline_share = 0.6
read 2026-07-31 10:00
stands silent_leads kept=1
alerts
  2026-07-14 09:00 resolved ticket silent_leads all
