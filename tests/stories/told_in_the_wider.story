# Of ten leads of ads that go back on each working day one has no reason, and of five of the webinar two: so it has
# always been. Then four of ads have none, and that is told of ads. By 15 April the whole company would be told of as
# well, but only because of ads: what is left of it is as ever, and was never better. From 20 April on none of the webinar
# has a reason either. Now the whole is told of, and the alert of ads gives way to it without a word of being over.
set first_touch_slo = off
set divergence = off
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "14d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-05-01 x10 08:00 lead_created lead_id=a{} source=ads
each 2026-01-05 2026-05-01 x5 08:00 lead_created lead_id=w{} source=webinar
each 2026-01-05 2026-04-06 x9 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 11:00 lead_dispositioned lead_id=a{} verdict=recycled
each 2026-01-05 2026-04-20 x3 10:00 lead_dispositioned lead_id=w{} verdict=rejected reason=budget
each 2026-01-05 2026-04-20 x2 11:00 lead_dispositioned lead_id=w{} verdict=recycled
read 2026-04-06 10:00
stands reasonless_rejections kept=3
alerts
each 2026-04-06 2026-05-01 x6 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
each 2026-04-06 2026-05-01 x4 11:00 lead_dispositioned lead_id=a{} verdict=recycled
read 2026-04-20 10:00
stands reasonless_rejections kept=2 broken=1
alerts
  2026-04-09 09:00 firing ticket reasonless_rejections source=ads
each 2026-04-20 2026-05-01 x5 11:00 lead_dispositioned lead_id=w{} verdict=recycled
read 2026-04-30 10:00
alerts
  2026-04-22 09:00 firing ticket reasonless_rejections all
  2026-04-22 09:00 resolved ticket reasonless_rejections source=ads
summaries
  Since 6 Apr sales gave no reason with 12 of 30 leads (source=ads) that it sent back: 40.0 % (usual: 10.0 %). Outside source=ads it is 40.0 % (usual: 40.0 %).
  Since 8 Apr sales gave no reason with 66 of 150 leads that it sent back: 44.0 % (usual: 21.0 %). 82.6 % of the excess lies in source=ads.
  Resolved: it is not over in source=ads; from now on the alert of all tells of it.
