# Of ten leads of ads that go back on each working day one has no reason, and of five of the webinar four: so it has
# always been. Then four of ads have none. That is told of ads first, and some days later of the whole company. It lies
# in ads, and not in the webinar, though without the webinar the whole would look as usual: it was never better there.
# The alert of ads gives way to that of the whole, and does not say that anything is over.
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
each 2026-01-05 2026-05-01 x1 10:00 lead_dispositioned lead_id=w{} verdict=rejected reason=budget
each 2026-01-05 2026-05-01 x4 11:00 lead_dispositioned lead_id=w{} verdict=recycled
read 2026-04-06 10:00
stands reasonless_rejections kept=3
alerts
each 2026-04-06 2026-05-01 x6 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
each 2026-04-06 2026-05-01 x4 11:00 lead_dispositioned lead_id=a{} verdict=recycled
read 2026-04-24 10:00
alerts
  2026-04-09 09:00 firing ticket reasonless_rejections source=ads
  2026-04-15 09:00 firing ticket reasonless_rejections all
  2026-04-15 09:00 resolved ticket reasonless_rejections source=ads
summaries
  Since 6 Apr sales gave no reason with 12 of 30 leads (source=ads) that it sent back: 40.0 % (usual: 10.0 %). Outside source=ads it is 80.0 % (usual: 80.0 %).
  Since 6 Apr sales gave no reason with 56 of 105 leads that it sent back: 53.3 % (usual: 33.3 %). It lies in source=ads: without it 80.0 %.
  Resolved: it is not over in source=ads; from now on the alert of all tells of it.
