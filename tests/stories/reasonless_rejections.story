# Five leads go back on each working day, one of them without a reason. From Monday the 6th of April on all of them do;
# it is told, and it is over when the reasons are there again. On Friday the 17th it turns out that Thursday's two that came
# without a reason were four: too few to speak of. Then nothing arrives any more, and the rule holds.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "21d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-04-06 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 11:00 lead_dispositioned lead_id=b{} verdict=recycled
read 2026-03-20 10:00
stands reasonless_rejections learning=1
read 2026-04-06 10:00
stands reasonless_rejections kept=1
alerts
each 2026-04-06 2026-04-13 x5 10:00 lead_dispositioned lead_id={} verdict=rejected
read 2026-04-13 10:00
stands reasonless_rejections broken=1
alerts
  2026-04-07 09:00 firing ticket reasonless_rejections all
each 2026-04-13 2026-04-16 x4 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-04-13 2026-04-16 x1 10:00 lead_dispositioned lead_id=b{} verdict=rejected
read 2026-04-16 10:00
stands reasonless_rejections kept=1
alerts
  2026-04-15 09:00 resolved ticket reasonless_rejections all
summaries
  Sales gave no reason with 19 of 75 leads that it sent back: 25.3 % (usual: 20.0 %).
  Resolved: lately most leads that went back came with a reason; over the watched days 39.0 % did not.
each 2026-04-15 2026-04-16 x3 15:00 lead_dispositioned lead_id=late-{} verdict=rejected
read 2026-04-17 10:00
alerts
read 2026-04-22 16:00
stands reasonless_rejections holding=1
alerts
