# Leads of ads and of webinars go back, one of five without a reason. Then sales gives no reason at all for some days,
# and the whole company is told of. When reasons come again with the ads, that is over, also for the webinar, of which
# nothing goes back meanwhile: what has been told is not told again of a part.
set first_touch_slo = off
set divergence = off
set source = crm
set no_data.min_n = 20
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "14d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-04-18 x25 08:00 lead_created lead_id=a{} source=ads
each 2026-01-05 2026-04-18 x5 08:00 lead_created lead_id=w{} source=webinar
each 2026-01-05 2026-04-06 x8 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x2 11:00 lead_dispositioned lead_id=a{} verdict=recycled
each 2026-01-05 2026-04-06 x4 10:00 lead_dispositioned lead_id=w{} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 11:00 lead_dispositioned lead_id=w{} verdict=recycled
read 2026-04-06 10:00
stands reasonless_rejections kept=3
alerts
each 2026-04-06 2026-04-09 x10 10:00 lead_dispositioned lead_id=a{} verdict=rejected
each 2026-04-06 2026-04-09 x5 10:00 lead_dispositioned lead_id=w{} verdict=rejected
each 2026-04-09 2026-04-11 x10 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
read 2026-04-16 10:00
alerts
  2026-04-07 09:00 firing ticket reasonless_rejections all
  2026-04-13 09:00 resolved ticket reasonless_rejections all
# What is wrong with the webinar from then on is news.
each 2026-04-16 2026-04-18 x5 10:00 lead_dispositioned lead_id=w{} verdict=rejected
each 2026-04-16 2026-04-18 x25 10:00 lead_dispositioned lead_id=a{} verdict=rejected reason=budget
read 2026-04-20 10:00
alerts
  2026-04-20 09:00 firing ticket reasonless_rejections source=webinar
