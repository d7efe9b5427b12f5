# Four deals begin with content on each working day, one of them with what sales wrote. From Monday the 6th of April on all
# do: told. When marketing's content is used again it is over; what arrives late about the days before changes nothing any
# more. Then no content is used at all, and the rule holds.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set sales_authored_share.baseline = "56d"
set sales_authored_share.detect = "21d"
set sales_authored_share.min_n = 50
set sales_authored_share.alerts_per_month = 0.5
set sales_authored_share.clear = 2
each 2026-01-05 2026-04-06 x3 10:00 deal_content_used deal_id={} asset_id=deck author_team=marketing
each 2026-01-05 2026-04-06 x1 11:00 deal_content_used deal_id=s{} asset_id=own author_team=sales
read 2026-03-20 10:00
stands sales_authored_share learning=1
read 2026-04-06 10:00
stands sales_authored_share kept=1
alerts
each 2026-04-06 2026-04-10 x4 10:00 deal_content_used deal_id={} asset_id=own author_team=sales
read 2026-04-10 10:00
stands sales_authored_share broken=1
alerts
  2026-04-08 09:00 firing ticket sales_authored_share all
each 2026-04-10 2026-04-15 x4 10:00 deal_content_used deal_id={} asset_id=deck author_team=marketing
read 2026-04-15 10:00
alerts
  2026-04-14 09:00 resolved ticket sales_authored_share all
summaries
  21 of 60 deals began with content that sales wrote itself: 35.0 % (usual: 25.0 %). Of all assets used it wrote 35.0 %.
  Resolved: lately deals begin with marketing's content as they used to; over the watched days 38.2 % began with sales' own.
each 2026-04-13 2026-04-14 x2 11:00 deal_content_used deal_id=late{} asset_id=own author_team=sales
read 2026-04-16 10:00
stands sales_authored_share kept=1
alerts
read 2026-04-21 16:00
stands sales_authored_share holding=1
