# An alert names who is in its sum, and nobody else: a deal that began with marketing's deck, and used what sales wrote
# only then, did not begin with it.
set first_touch_slo = off
set divergence = off
set dimensions = none
set sales_authored_share.baseline = "56d"
set sales_authored_share.detect = "7d"
set sales_authored_share.min_n = 50
set sales_authored_share.alerts_per_month = 0.5
each 2026-01-05 2026-04-06 x4 10:00 deal_content_used deal_id={} asset_id=deck author_team=marketing
each 2026-01-05 2026-04-06 x1 11:00 deal_content_used deal_id=s{} asset_id=own author_team=sales
each 2026-04-06 2026-04-07 x4 10:00 deal_content_used deal_id={} asset_id=own author_team=sales
each 2026-04-06 2026-04-07 x2 09:00 deal_content_used deal_id=mixed-{} asset_id=deck author_team=marketing
each 2026-04-06 2026-04-07 x2 11:00 deal_content_used deal_id=mixed-{} asset_id=own author_team=sales
each 2026-04-07 2026-04-08 x4 10:00 deal_content_used deal_id={} asset_id=own author_team=sales
read 2026-04-08 10:00
alerts
  2026-04-08 09:00 firing ticket sales_authored_share all
summaries
  Since 6 Apr 8 of 10 deals began with content that sales wrote itself: 80.0 % (usual: 20.0 %). Of all assets used it wrote 83.3 %.
named
  04-07/4 04-07/3 04-07/2 04-07/1 04-06/4
