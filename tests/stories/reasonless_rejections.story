# Five leads go back on each working day, one of them without a reason. Others are accepted.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "7d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-04-06 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 11:00 lead_dispositioned lead_id=b{} verdict=recycled
each 2026-01-05 2026-04-23 x1 13:00 lead_dispositioned lead_id=good-{} verdict=accepted
each 2026-01-05 2026-04-23 x1 15:30 lead_dispositioned lead_id=good-{} verdict=accepted
# beat reasonless_rejections learning: there are not yet eight weeks before the watched one
read 2026-03-06 10:00
stands reasonless_rejections learning=1
alerts
# beat reasonless_rejections quiet: one of five without a reason is usual here
read 2026-04-06 10:00
stands reasonless_rejections kept=1
alerts
# beat reasonless_rejections fires: on Monday all five go back without a word
each 2026-04-06 2026-04-10 x5 10:00 lead_dispositioned lead_id={} verdict=rejected
read 2026-04-10 10:00
stands reasonless_rejections broken=1
alerts
  2026-04-07 09:00 firing ticket reasonless_rejections all
summaries
  Since 6 Apr sales gave no reason with 5 of 5 leads that it sent back: 100.0 % (usual: 20.0 %).
# beat reasonless_rejections late: fifteen more of Wednesday and as many of Thursday arrive on Friday, with reasons
each 2026-04-08 2026-04-10 x15 15:00 lead_dispositioned lead_id=late-{} verdict=rejected reason=budget
read 2026-04-13 10:00
stands reasonless_rejections kept=1
alerts
  2026-04-13 09:00 resolved ticket reasonless_rejections all
summaries
  Resolved: lately 25.0 % of the leads that went back came without a reason (usual: 20.0 %); since 6 Apr it was 40.0 %.
# beat reasonless_rejections fires: the next Monday is as bad
each 2026-04-13 2026-04-14 x5 10:00 lead_dispositioned lead_id={} verdict=rejected
read 2026-04-14 10:00
alerts
  2026-04-14 09:00 firing ticket reasonless_rejections all
summaries
  Since 13 Apr sales gave no reason with 5 of 5 leads that it sent back: 100.0 % (usual: 20.0 %).
# beat reasonless_rejections clears: the reasons are there again, for so many days that it is no chance
each 2026-04-14 2026-04-23 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-04-14 2026-04-23 x1 10:00 lead_dispositioned lead_id=b{} verdict=rejected
read 2026-04-23 10:00
alerts
  2026-04-21 09:00 resolved ticket reasonless_rejections all
summaries
  Resolved: lately 20.0 % of the leads that went back came without a reason (usual: 20.0 %); since 13 Apr it was 33.3 %.
# beat reasonless_rejections holds: no verdicts arrive, which is no news of reasons
read 2026-05-06 10:00
stands reasonless_rejections holding=1
alerts
  2026-04-24 16:00 firing ticket no_data all · crm verdicts
