# Five leads go back on each working day: for two weeks all with a reason, for two weeks two of five without one, and so on.
# Weeks scatter more than chance alone would have it, so that an outcome is worth so much less. On the 7th of April the weeks
# before the watched one begin on Tuesdays: 8, 10, 2 and 0 of 25 have no reason, twice. Of these chi-square is 34, over 7
# degrees of freedom 4.857: 40 of 200 count as 8 of 41. From the 6th of April on twenty a day go back without a word, on the
# 10th that ends: two days are enough to see it.
set first_touch_slo = off
set divergence = off
set dimensions = none
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "7d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-01-19 x5 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-01-19 2026-02-02 x3 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-01-19 2026-02-02 x2 11:00 lead_dispositioned lead_id=b{} verdict=recycled
each 2026-02-02 2026-02-16 x5 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-02-16 2026-03-02 x3 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-02-16 2026-03-02 x2 11:00 lead_dispositioned lead_id=b{} verdict=recycled
each 2026-03-02 2026-03-16 x5 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-03-16 2026-03-30 x3 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
each 2026-03-16 2026-03-30 x2 11:00 lead_dispositioned lead_id=b{} verdict=recycled
each 2026-03-30 2026-04-06 x5 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
read 2026-04-06 10:00
alerts
each 2026-04-06 2026-04-10 x20 10:00 lead_dispositioned lead_id={} verdict=rejected
read 2026-04-10 10:00
alerts
  2026-04-07 09:00 firing ticket reasonless_rejections all
figure scatter
  4.857143
figure bad outcomes for p0
  8
figure outcomes for p0
  41
each 2026-04-10 2026-05-20 x10 10:00 lead_dispositioned lead_id={} verdict=rejected reason=budget
read 2026-05-20 10:00
alerts
  2026-04-14 09:00 resolved ticket reasonless_rejections all
