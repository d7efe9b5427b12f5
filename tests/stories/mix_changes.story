# Of twenty leads that sales sends back on each working day eighteen come from the web, and of these one has no reason; two
# come from events, and one of these has none. From the 6th of April on half of all come from events, and half of those have
# no reason, as ever. Sales does what it always did.
set first_touch_slo = off
set divergence = off
set reasonless_rejections.baseline = "56d"
set reasonless_rejections.detect = "14d"
set reasonless_rejections.min_n = 50
set reasonless_rejections.alerts_per_month = 0.5
set reasonless_rejections.clear = 2
each 2026-01-05 2026-04-06 x17 08:00 lead_created lead_id=w{} source=web
each 2026-01-05 2026-04-06 x17 10:00 lead_dispositioned lead_id=w{} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 08:00 lead_created lead_id=wn{} source=web
each 2026-01-05 2026-04-06 x1 10:00 lead_dispositioned lead_id=wn{} verdict=rejected
each 2026-01-05 2026-04-06 x1 08:00 lead_created lead_id=e{} source=events
each 2026-01-05 2026-04-06 x1 10:00 lead_dispositioned lead_id=e{} verdict=rejected reason=budget
each 2026-01-05 2026-04-06 x1 08:00 lead_created lead_id=en{} source=events
each 2026-01-05 2026-04-06 x1 10:00 lead_dispositioned lead_id=en{} verdict=rejected
read 2026-04-06 10:00
alerts
each 2026-04-06 2026-04-17 x9 08:00 lead_created lead_id=w{} source=web
each 2026-04-06 2026-04-17 x9 10:00 lead_dispositioned lead_id=w{} verdict=rejected reason=budget
each 2026-04-06 2026-04-17 x1 08:00 lead_created lead_id=wn{} source=web
each 2026-04-06 2026-04-17 x1 10:00 lead_dispositioned lead_id=wn{} verdict=rejected
each 2026-04-06 2026-04-17 x5 08:00 lead_created lead_id=e{} source=events
each 2026-04-06 2026-04-17 x5 10:00 lead_dispositioned lead_id=e{} verdict=rejected reason=budget
each 2026-04-06 2026-04-17 x5 08:00 lead_created lead_id=en{} source=events
each 2026-04-06 2026-04-17 x5 10:00 lead_dispositioned lead_id=en{} verdict=rejected
read 2026-04-17 10:00
alerts
  2026-04-09 09:00 firing ticket reasonless_rejections all
summaries
  Since 6 Apr sales gave no reason with 18 of 60 leads that it sent back: 30.0 % (usual: 10.0 %). Taken source by source it is as usual: it is the mix that has changed, in which source=events was 10.0 % and is 50.0 %.
