# The webinar's leads go back without a reason for two days, and then none come any more: the campaign is over. An alert
# that waits for two better days would wait for ever; it ends when none of the fourteen days that the rule watches has
# any of them.
set first_touch_slo = off
set divergence = off
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "14d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-05-01 x30 08:00 lead_created lead_id=a{} source=ads
each 2026-01-05 2026-04-08 x5 08:00 lead_created lead_id=w{} source=webinar
each 2026-01-05 2026-05-01 x27 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
each 2026-01-05 2026-05-01 x3 11:00 lead_dispositioned lead_id=a{} verdict=recycled
each 2026-01-05 2026-04-06 x4 10:00 lead_dispositioned lead_id=w{} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 11:00 lead_dispositioned lead_id=w{} verdict=recycled
each 2026-04-06 2026-04-08 x5 10:00 lead_dispositioned lead_id=w{} verdict=rejected
read 2026-04-21 10:00
stands reasonless_rejections kept=2 broken=1
alerts
  2026-04-08 09:00 firing ticket reasonless_rejections source=webinar
read 2026-04-30 10:00
alerts
  2026-04-22 09:00 resolved ticket reasonless_rejections source=webinar
summaries
  Since 6 Apr sales gave no reason with 10 of 10 leads (source=webinar) that it sent back: 100.0 % (usual: 20.0 %). Outside source=webinar it is 10.0 % (usual: 10.0 %).
  Resolved: nothing of it has been seen for 14 days.
