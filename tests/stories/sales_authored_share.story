# Five deals begin with content on each working day, one of them with what sales wrote itself.
set first_touch_slo = off
set divergence = off
set dimensions = none
set source = crm
set no_data.min_n = 20
set sales_authored_share.baseline = "56d"
set sales_authored_share.detect = "7d"
set sales_authored_share.min_n = 50
set sales_authored_share.alerts_per_month = 0.5
set sales_authored_share.clear = 2
each 2026-01-05 2026-04-06 x4 10:00 deal_content_used deal_id={} asset_id=deck author_team=marketing
each 2026-01-05 2026-04-06 x1 11:00 deal_content_used deal_id=s{} asset_id=own author_team=sales
# beat sales_authored_share learning: there are not yet eight weeks before the watched one
read 2026-03-06 10:00
stands sales_authored_share learning=1
alerts
# beat sales_authored_share quiet: one of five is usual here
read 2026-04-06 10:00
stands sales_authored_share kept=1
alerts
# beat sales_authored_share fires: on Monday all five begin with what sales wrote
each 2026-04-06 2026-04-10 x5 10:00 deal_content_used deal_id={} asset_id=own author_team=sales
read 2026-04-10 10:00
stands sales_authored_share broken=1
alerts
  2026-04-07 09:00 firing ticket sales_authored_share all
summaries
  Since 6 Apr 5 of 5 deals began with content that sales wrote itself: 100.0 % (usual: 20.0 %). Of all assets used it wrote 100.0 %.
# beat sales_authored_share late: fifteen more deals of Wednesday and as many of Thursday arrive, all with marketing's deck
each 2026-04-08 2026-04-10 x15 15:00 deal_content_used deal_id=late-{} asset_id=deck author_team=marketing
read 2026-04-13 10:00
stands sales_authored_share kept=1
alerts
  2026-04-13 09:00 resolved ticket sales_authored_share all
summaries
  Resolved: lately 25.0 % of deals began with content that sales wrote itself (usual: 20.0 %); since 6 Apr it was 40.0 %.
# beat sales_authored_share fires: the next Monday it is all sales' own again
each 2026-04-13 2026-04-14 x5 10:00 deal_content_used deal_id={} asset_id=own author_team=sales
read 2026-04-14 10:00
alerts
  2026-04-14 09:00 firing ticket sales_authored_share all
# beat sales_authored_share clears: deals begin as they used to, for so many days that it is no chance
each 2026-04-14 2026-04-23 x4 10:00 deal_content_used deal_id={} asset_id=deck author_team=marketing
each 2026-04-14 2026-04-23 x1 11:00 deal_content_used deal_id=s{} asset_id=own author_team=sales
read 2026-04-23 10:00
alerts
  2026-04-21 09:00 resolved ticket sales_authored_share all
summaries
  Since 13 Apr 5 of 5 deals began with content that sales wrote itself: 100.0 % (usual: 20.0 %). Of all assets used it wrote 100.0 %.
  Resolved: lately 20.0 % of deals began with content that sales wrote itself (usual: 20.0 %); since 13 Apr it was 33.3 %.
# beat sales_authored_share holds: no use of any content arrives
read 2026-05-06 10:00
stands sales_authored_share holding=1
alerts
  2026-04-28 17:00 firing ticket no_data all · crm content
